import type { VitModel } from '@ocelli/backbones';
import { AdamW, backward, clipGradientNorm, keep, Random, scope, type Tensor, tensor } from '@ocelli/ops';
import { loadCheckpoint, saveCheckpoint } from '../training/checkpoint.js';
import { learningRateAt } from '../training/learning-rate.js';
import { seeRows } from '../training/see-rows.js';
import type { PretrainingHeads } from './heads.js';
import { type MoreDrawing, readMoreDrawings } from './more-drawings.js';
import type { VisionModelOptions } from './options.js';
import { type PictureBatch, renderBatch } from './pictures.js';
import { labelsOfRows, quarterRows } from './quarters.js';
import { scoreSplit } from './score.js';

/** Steps between two lines of progress. */
const reportEvery = 50;

/** What a run came to. */
export interface TrainingReport {
  readonly steps: number;
  /** Pictures seen, quarters and whole scenes. */
  readonly pictures: number;
  /** Checkpoints and scores included. */
  readonly seconds: number;
}

/** What is trained, and what each number stands for. */
export interface VisionTraining {
  readonly model: VitModel;
  readonly heads: PretrainingHeads;
  /** Concept's id → class number. */
  readonly labels: ReadonlyMap<number, number>;
  readonly options: VisionModelOptions;
}

/**
 * The pictures of a step. Quarters of scenes at first, then ever more whole scenes: a drawing is learnt from a quarter as
 * well, for a quarter of the work.
 */
function preparePictures(
  step: number,
  { options, labels }: VisionTraining,
  drawings: ReadonlyMap<number, readonly MoreDrawing[]>,
): Promise<PictureBatch> {
  const progress = step / options.steps;
  const random = new Random(options.seed * 1_000_003 + step);
  const single = random.uniform() >= progress ** 2;
  const size = single ? options.quarterBatchSize : options.sceneBatchSize;
  const variation = Math.min(1, progress / options.rampUntil);
  const first = step * options.quarterBatchSize;
  return renderBatch('train', first, size, options, labels, { variation, single, drawings, random });
}

/** Matrices decay, vectors and heads do not; positions are fixed. */
function makeOptimizer({ model, heads, options }: VisionTraining): AdamW {
  const trained = [...model.namedParameters()].filter(([, { requiresGrad }]) => requiresGrad);
  const isDecayed = (name: string): boolean => name.endsWith('.weight') && !name.includes('layernorm');
  const decayed = trained.filter(([name]) => isDecayed(name)).map(([, parameter]) => parameter);
  const others = trained.filter(([name]) => !isDecayed(name)).map(([, parameter]) => parameter);
  return new AdamW([
    { parameters: decayed, learningRate: 0, weightDecay: options.weightDecay },
    { parameters: [...others, ...heads.parameters], learningRate: 0, weightDecay: 0 },
  ]);
}

/** Losses of a batch, their gradients left in the parameters. Returns that of the things. */
function learn({ model, heads, options }: VisionTraining, batch: PictureBatch): Tensor {
  const { imageSize, patchSize, patchLoss } = options;
  const grid = imageSize / patchSize;
  const pixels = tensor(batch.pixels, [batch.size, 3, imageSize, imageSize]);
  const rows = batch.quarters && quarterRows(batch.quarters, grid);
  const { lastHiddenState } = model.forward(pixels, rows ? { hooks: [seeRows(rows)] } : {});
  const seen = rows ? labelsOfRows(rows, batch.patches, 1 + grid * grid) : batch.patches;
  const { loss, concept } = heads.loss(lastHiddenState, batch, seen, patchLoss);
  backward(loss);
  return concept;
}

/** Trains a new model on pictures, continuing from the checkpoint if there is one; the caller removes it at the end. */
export async function train(training: VisionTraining, checkpoint: string): Promise<TrainingReport> {
  const { model, heads, labels, options } = training;
  const optimizer = makeOptimizer(training);
  const trained = optimizer.groups.flatMap(({ parameters }) => parameters);
  const named = heads.parameters.map((head, i): [string, Tensor] => [`heads.${i}`, head]);
  const state = { parameters: new Map([...model.namedParameters(), ...named]), optimizer };
  const earlier = await loadCheckpoint(checkpoint, state);

  const start = performance.now();
  const seconds = (): number => earlier.seconds + (performance.now() - start) / 1000;
  const drawings = readMoreDrawings();
  let next = preparePictures(earlier.steps, training, drawings);
  let pictures = earlier.seen;
  let losses: number[] = [];
  for (let step = earlier.steps; step < options.steps; step++) {
    const batch = await next;
    const done = step + 1;
    if (done < options.steps) next = preparePictures(done, training, drawings);
    for (const group of optimizer.groups) group.learningRate = learningRateAt(step, options);
    const loss = scope(() => {
      const concept = learn(training, batch);
      optimizer.step({ gradientScale: clipGradientNorm(trained, options.clip) });
      optimizer.zeroGradients();
      return keep(concept);
    });
    losses.push(await loss.item());
    loss.dispose();
    pictures += batch.size;
    if (done % reportEvery === 0) {
      const mean = losses.reduce((a, b) => a + b) / losses.length;
      if (!Number.isFinite(mean))
        throw new Error('[vision-model] the loss is no number; lower the learning rate');
      const rate = (pictures / seconds()).toFixed(0);
      const minutes = (seconds() / 60).toFixed(1);
      console.log(
        `step ${done}/${options.steps}  loss ${mean.toFixed(3)}  ${rate} pictures/s  ${minutes} min`,
      );
      losses = [];
    }
    if (done % options.checkpointEvery === 0 && done < options.steps) {
      await saveCheckpoint(checkpoint, state, { steps: done, seconds: seconds(), seen: pictures });
      const { concept } = await scoreSplit(model, heads, 'validation', options, labels);
      console.log(`step ${done}  things named on the validation artist: ${(100 * concept).toFixed(1)} %`);
    }
  }
  optimizer.dispose();
  return { steps: options.steps, pictures, seconds: seconds() };
}
