import type { Encoder } from '@ocelli/backbones';
import { AdamW, backward, clipGradientNorm, keep, Random, scope, type Tensor, tensor } from '@ocelli/ops';
import { loadCheckpoint, saveCheckpoint } from '../training/checkpoint.js';
import { learningRateAt } from '../training/learning-rate.js';
import { readMoreDrawings } from '../vision-model/more-drawings.js';
import type { VideoHeads } from './heads.js';
import type { VideoModelOptions } from './options.js';
import { percentages, scoreSplit } from './score.js';
import { type Grid, renderVideos } from './videos.js';

/** Steps between two lines of progress. */
const reportEvery = 25;

/** What a run came to. */
export interface TrainingReport {
  readonly steps: number;
  /** Clips, or single frames, seen. */
  readonly clips: number;
  /** Checkpoints and scores included. */
  readonly seconds: number;
}

/** What is trained, and what each number stands for. */
export interface VideoTraining {
  /** A video model, or with options for one frame a vision model. */
  readonly model: Encoder & { namedParameters(): ReadonlyMap<string, Tensor> };
  readonly heads: VideoHeads;
  readonly grid: Grid;
  /** Concept's id → class number. */
  readonly labels: ReadonlyMap<number, number>;
  readonly options: VideoModelOptions;
}

/** Whether a parameter is one that a vision model lacks. */
function isNew(name: string): boolean {
  return name.includes('temporal') || name.endsWith('time_embeddings');
}

/** Groups with their shares of the learning rate: what is new, what is known (matrices of both decay), and the heads. */
function makeOptimizer({ model, heads, options }: VideoTraining): { optimizer: AdamW; shares: number[] } {
  const trained = [...model.namedParameters()].filter(([, { requiresGrad }]) => requiresGrad);
  const isDecayed = (name: string): boolean => name.endsWith('.weight') && !name.includes('layernorm');
  const { weightDecay, spatialRate } = options;
  const groups = [true, false].flatMap((fresh) =>
    [true, false].map((decayed) => ({
      parameters: trained
        .filter(([name]) => isNew(name) === fresh && isDecayed(name) === decayed)
        .map(([, parameter]) => parameter),
      learningRate: 0,
      weightDecay: decayed ? weightDecay : 0,
      share: fresh ? 1 : spatialRate,
    })),
  );
  const all = [...groups, { parameters: heads.parameters, learningRate: 0, weightDecay: 0, share: 1 }];
  const used = all.filter(({ parameters }) => parameters.length > 0);
  return { optimizer: new AdamW(used), shares: used.map(({ share }) => share) };
}

/** Trains a model on clips, continuing from the checkpoint if there is one; it is left behind complete. */
export async function train(training: VideoTraining, checkpoint: string): Promise<TrainingReport> {
  const { model, heads, grid, labels, options } = training;
  const { batchSize, frames } = options;
  const { optimizer, shares } = makeOptimizer(training);
  const trained = optimizer.groups.flatMap(({ parameters }) => parameters);
  const named = heads.parameters.map((head, i): [string, Tensor] => [`heads.${i}`, head]);
  const state = { parameters: new Map([...model.namedParameters(), ...named]), optimizer };
  const earlier = await loadCheckpoint(checkpoint, state);

  const start = performance.now();
  const seconds = (): number => earlier.seconds + (performance.now() - start) / 1000;
  const drawings = readMoreDrawings();
  const prepare = (step: number) => {
    const random = new Random(options.seed * 1_000_003 + step);
    const augmentation = { variation: options.variation, drawings, random };
    return renderVideos('train', step * batchSize, batchSize, options, grid, labels, augmentation);
  };
  let next = prepare(earlier.steps);
  let clips = earlier.seen;
  let losses: [concept: number, motion: number][] = [];
  for (let step = earlier.steps; step < options.steps; step++) {
    const batch = await next;
    const done = step + 1;
    if (done < options.steps) next = prepare(done);
    for (const [i, group] of optimizer.groups.entries())
      group.learningRate = shares[i]! * learningRateAt(step, options);
    const [concept, motion] = scope(() => {
      const [, ...picture] = batch.shape.slice(1);
      const pixels = tensor(batch.pixels, frames > 1 ? batch.shape : [batchSize, ...picture]);
      const { hiddenStates } = model.forward(pixels, { outputHiddenStates: true });
      const result = heads.loss(hiddenStates, batch, options);
      backward(result.loss);
      optimizer.step({ gradientScale: clipGradientNorm(trained, options.clip) });
      optimizer.zeroGradients();
      return [keep(result.concept), keep(result.motion)];
    });
    losses.push([await concept.item(), await motion.item()]);
    concept.dispose();
    motion.dispose();
    clips += batch.size;
    if (done % reportEvery === 0) {
      const [things, motions] = [0, 1].map(
        (i) => losses.reduce((sum, pair) => sum + pair[i]!, 0) / losses.length,
      );
      if (!Number.isFinite(things) || !Number.isFinite(motions))
        throw new Error('[video-model] the loss is no number; lower the learning rate');
      const motionText = frames > 1 ? `  motions ${motions!.toFixed(3)}` : '';
      console.log(
        `step ${done}/${options.steps}  things ${things!.toFixed(3)}${motionText}  ` +
          `${(clips / seconds()).toFixed(1)} ${frames > 1 ? 'clips' : 'frames'}/s  ${(seconds() / 60).toFixed(1)} min`,
      );
      losses = [];
    }
    if (done % options.checkpointEvery === 0 || done === options.steps) {
      await saveCheckpoint(checkpoint, state, { steps: done, seconds: seconds(), seen: clips });
      const scores = await scoreSplit(training, 'validation', 192);
      console.log(`step ${done}  validation artist, thing/motion in % by block: ${percentages(scores)}`);
    }
  }
  optimizer.dispose();
  return { steps: options.steps, clips, seconds: seconds() };
}
