import type { AudioSpectrogramTransformerModel } from '@ocelli/backbones';
import { AdamW, backward, clipGradientNorm, keep, Random, scope, type Tensor, tensor } from '@ocelli/ops';
import { loadCheckpoint, saveCheckpoint } from '../training/checkpoint.js';
import { learningRateAt } from '../training/learning-rate.js';
import { seeRows } from '../training/see-rows.js';
import { gridOf, labelsOfRows, rowsOfColumns, specialTokens } from './grid.js';
import type { PretrainingHeads } from './heads.js';
import { mixBatch, type SoundBatch } from './mix.js';
import type { AudioModelOptions } from './options.js';
import { scoreBatches } from './score.js';
import type { SoundBank } from './sound-bank.js';

/** Steps between two lines of progress. */
const reportEvery = 50;

/** What a run came to. */
export interface TrainingReport {
  readonly steps: number;
  /** Recordings heard, whole ones and single sayings. */
  readonly recordings: number;
  /** Checkpoints and scores included; without speaking the words of the bank. */
  readonly seconds: number;
}

/** What is trained, and what each number stands for. */
export interface AudioTraining {
  readonly model: AudioSpectrogramTransformerModel;
  readonly heads: PretrainingHeads;
  /** Concept's id → class number. */
  readonly labels: ReadonlyMap<number, number>;
  readonly bank: SoundBank;
  /** Recordings of the validation voices. */
  readonly validation: readonly SoundBatch[];
  readonly options: AudioModelOptions;
}

/**
 * The recordings of a step. Single sayings at first, then ever more whole recordings: a name is learnt from one saying as
 * well, for a third of the work.
 */
function prepareSounds(step: number, { options, labels, bank }: AudioTraining): SoundBatch {
  const progress = step / options.steps;
  const random = new Random(options.seed * 1_000_003 + step);
  const single = random.uniform() >= progress ** 2;
  const size = single ? options.sayingBatchSize : options.recordingBatchSize;
  const variation = Math.min(1, progress / options.rampUntil);
  return mixBatch(step * options.sayingBatchSize, size, options, labels, { bank, variation, single, random });
}

/** Matrices decay, vectors and heads do not; positions are fixed. */
function makeOptimizer({ model, heads, options }: AudioTraining): AdamW {
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
function learn({ model, heads, options }: AudioTraining, batch: SoundBatch): Tensor {
  const { frames, bins, patchLoss, sayingColumns } = options;
  const grid = gridOf(options);
  const tokens = specialTokens + grid.rows * grid.columns;
  const spectrograms = tensor(batch.spectrograms, [batch.size, frames, bins]);
  const rows = batch.columns && rowsOfColumns(batch.columns, sayingColumns, grid);
  const { lastHiddenState } = model.forward(spectrograms, rows ? { hooks: [seeRows(rows)] } : {});
  const heard = rows ? labelsOfRows(rows, batch.patches, tokens) : batch.patches;
  const { loss, concept } = heads.loss(lastHiddenState, batch, heard, patchLoss);
  backward(loss);
  return concept;
}

/** Trains a new model on sounds, continuing from the checkpoint if there is one; the caller removes it at the end. */
export async function train(training: AudioTraining, checkpoint: string): Promise<TrainingReport> {
  const { model, heads, validation, options } = training;
  const optimizer = makeOptimizer(training);
  const trained = optimizer.groups.flatMap(({ parameters }) => parameters);
  const named = heads.parameters.map((head, i): [string, Tensor] => [`heads.${i}`, head]);
  const state = { parameters: new Map([...model.namedParameters(), ...named]), optimizer };
  const earlier = await loadCheckpoint(checkpoint, state);

  const start = performance.now();
  const seconds = (): number => earlier.seconds + (performance.now() - start) / 1000;
  let recordings = earlier.seen;
  let losses: number[] = [];
  for (let step = earlier.steps; step < options.steps; step++) {
    const batch = prepareSounds(step, training);
    const done = step + 1;
    for (const group of optimizer.groups) group.learningRate = learningRateAt(step, options);
    const loss = scope(() => {
      const concept = learn(training, batch);
      optimizer.step({ gradientScale: clipGradientNorm(trained, options.clip) });
      optimizer.zeroGradients();
      return keep(concept);
    });
    losses.push(await loss.item());
    loss.dispose();
    recordings += batch.size;
    if (done % reportEvery === 0) {
      const mean = losses.reduce((a, b) => a + b) / losses.length;
      if (!Number.isFinite(mean))
        throw new Error('[audio-model] the loss is no number; lower the learning rate');
      const rate = (recordings / seconds()).toFixed(0);
      const minutes = (seconds() / 60).toFixed(1);
      console.log(
        `step ${done}/${options.steps}  loss ${mean.toFixed(3)}  ${rate} recordings/s  ${minutes} min`,
      );
      losses = [];
    }
    if (done % options.checkpointEvery === 0 && done < options.steps) {
      await saveCheckpoint(checkpoint, state, { steps: done, seconds: seconds(), seen: recordings });
      const scores = await scoreBatches(model, heads, validation, options);
      const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;
      console.log(
        `step ${done}  validation voices: things ${percent(scores.concept)}, speakers ${percent(scores.speaker)}, repetitions ${percent(scores.repetition)}`,
      );
    }
  }
  optimizer.dispose();
  return { steps: options.steps, recordings, seconds: seconds() };
}
