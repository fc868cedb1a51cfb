import type { VitModel } from '@ocelli/backbones';
import { backward, Random, type Tensor, tensor } from '@ocelli/ops';
import { seeRows } from '../training/see-rows.js';
import { trainEncoder } from '../training/train-encoder.js';
import type { PretrainingHeads } from './heads.js';
import { type MoreDrawing, readMoreDrawings } from './more-drawings.js';
import type { VisionModelOptions } from './options.js';
import { type PictureBatch, renderBatch } from './pictures.js';
import { labelsOfRows, quarterRows } from './quarters.js';
import { scoreSplit } from './score.js';

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
  const drawings = readMoreDrawings();
  const { steps, seen, seconds } = await trainEncoder(
    {
      name: 'vision-model',
      unit: 'pictures',
      model,
      heads: heads.parameters,
      options,
      prepare: (step) => preparePictures(step, training, drawings),
      learn: (batch: PictureBatch) => learn(training, batch),
      async validate() {
        const { concept } = await scoreSplit(model, heads, 'validation', options, labels);
        return `things named on the validation artist: ${(100 * concept).toFixed(1)} %`;
      },
    },
    checkpoint,
  );
  return { steps, pictures: seen, seconds };
}
