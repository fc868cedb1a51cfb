import { DatasetError } from './dataset-error.js';
import type { Runs } from './sample.js';
import { shuffledIndices } from './shuffled-indices.js';
import { windowedOrder } from './windowed-order.js';

/** How an epoch is cut into batches. */
export interface BatchOptions {
  readonly batchSize: number;
  readonly seed: number;
  /** Each epoch has an order of its own. Default 0. */
  readonly epoch?: number;
  /** Number of batches of this epoch to leave out: where a run that was stopped goes on. Default 0. */
  readonly start?: number;
  /** Keep the order of the data set. Default false. */
  readonly ordered?: boolean;
  /** Leave the last batch out where it would be smaller. Default false. */
  readonly dropLast?: boolean;
  /**
   * `dataset.runs`: shuffle so that each run is read once and memory stays bounded, in place of all samples with each
   * other. Default none.
   */
  readonly runs?: Runs;
}

/** One batch. */
export interface Batch {
  readonly epoch: number;
  /** Its number in the epoch, from 0. */
  readonly number: number;
  /** Indices into the data set. */
  readonly indices: readonly number[];
}

/** How many batches an epoch has. */
export function batchesPerEpoch(length: number, batchSize: number, dropLast = false): number {
  return dropLast ? Math.floor(length / batchSize) : Math.ceil(length / batchSize);
}

/**
 * The batches of one epoch. They follow from the options alone, so a run goes on where it stopped with `start`.
 * @throws {DatasetError} when a number is out of range.
 */
export function* batches(length: number, options: BatchOptions): Generator<Batch> {
  const { batchSize, seed, epoch = 0, start = 0, ordered = false, dropLast = false, runs } = options;
  for (const [name, value, least] of [
    ['length', length, 0],
    ['batchSize', batchSize, 1],
    ['epoch', epoch, 0],
    ['start', start, 0],
  ] as const) {
    if (!Number.isInteger(value) || value < least) {
      throw new DatasetError(`${name} is ${value}`, `give a whole number of at least ${least}`);
    }
  }
  const order = ordered
    ? countFrom(start * batchSize)
    : runs === undefined
      ? shuffledIndices(length, seed, epoch)
          .subarray(start * batchSize)
          .values()
      : windowedOrder(runs, length, seed, epoch, start * batchSize);
  const count = batchesPerEpoch(length, batchSize, dropLast);
  for (let number = start; number < count; number++) {
    const size = Math.min(batchSize, length - number * batchSize);
    yield { epoch, number, indices: Array.from({ length: size }, () => order.next().value as number) };
  }
}

function* countFrom(first: number): Generator<number> {
  for (let index = first; ; index++) yield index;
}
