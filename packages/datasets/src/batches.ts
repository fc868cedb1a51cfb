import { DatasetError } from './dataset-error.js';
import { randomFrom } from './random.js';

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
}

/** One batch. */
export interface Batch {
  readonly epoch: number;
  /** Its number in the epoch, from 0. */
  readonly number: number;
  /** Indices into the data set. */
  readonly indices: readonly number[];
}

/** 0 to `length - 1` in an order that follows from the seed and the epoch: Fisher-Yates over `randomFrom`. */
export function shuffledIndices(length: number, seed: number, epoch = 0): Uint32Array {
  const random = randomFrom(`shuffle/${seed}/${epoch}`);
  const indices = Uint32Array.from({ length }, (_, index) => index);
  for (let last = length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    const kept = indices[last]!;
    indices[last] = indices[other]!;
    indices[other] = kept;
  }
  return indices;
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
  const { batchSize, seed, epoch = 0, start = 0, ordered = false, dropLast = false } = options;
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
  const order = ordered ? undefined : shuffledIndices(length, seed, epoch);
  const count = batchesPerEpoch(length, batchSize, dropLast);
  for (let number = start; number < count; number++) {
    const from = number * batchSize;
    const size = Math.min(batchSize, length - from);
    yield { epoch, number, indices: Array.from({ length: size }, (_, i) => order?.[from + i] ?? from + i) };
  }
}
