import type { AudioSpectrogramTransformerModel } from '@ocelli/backbones';
import { backward, Random, type Tensor, tensor } from '@ocelli/ops';
import { seeRows } from '../training/see-rows.js';
import { trainEncoder } from '../training/train-encoder.js';
import { gridOf, labelsOfRows, rowsOfColumns, specialTokens } from './grid.js';
import type { PretrainingHeads } from './heads.js';
import { mixBatch, type SoundBatch } from './mix.js';
import type { AudioModelOptions } from './options.js';
import { scoreBatches } from './score.js';
import type { SoundBank } from './sound-bank.js';

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
  const { steps, seen, seconds } = await trainEncoder(
    {
      name: 'audio-model',
      unit: 'recordings',
      model,
      heads: heads.parameters,
      options,
      prepare: (step) => prepareSounds(step, training),
      learn: (batch: SoundBatch) => learn(training, batch),
      async validate() {
        const scores = await scoreBatches(model, heads, validation, options);
        const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;
        return `validation voices: things ${percent(scores.concept)}, speakers ${percent(scores.speaker)}, repetitions ${percent(scores.repetition)}`;
      },
    },
    checkpoint,
  );
  return { steps, recordings: seen, seconds };
}
