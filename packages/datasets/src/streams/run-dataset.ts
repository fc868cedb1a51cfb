import { DatasetError } from '../dataset-error.js';
import type { Dataset, Runs, Sample } from '../sample.js';

/** Samples that are read a run at a time. */
export interface RunSource {
  readonly name: string;
  readonly length: number;
  readonly runs: Runs;
  /** The samples of a run, in order; an error in place of one that is broken. */
  read(run: number): Promise<readonly (Sample | DatasetError)[]>;
}

/** The run that holds a sample: the last that starts at or before it. */
export function runOf(starts: ArrayLike<number>, index: number): number {
  let low = 0;
  let high = starts.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (starts[middle]! <= index) low = middle;
    else high = middle;
  }
  return low;
}

/** A data set that keeps the runs that were read last, so memory does not grow with its length. */
export function runDataset({ name, length, runs, read }: RunSource): Dataset {
  const kept = new Map<number, Promise<readonly (Sample | DatasetError)[]>>();

  const runAt = (number: number): Promise<readonly (Sample | DatasetError)[]> => {
    const known = kept.get(number);
    kept.delete(number); // the last in the map is the one used last
    const samples = known ?? read(number);
    kept.set(number, samples);
    if (known === undefined) {
      samples.catch(() => kept.delete(number));
      for (const oldest of kept.keys()) {
        if (kept.size <= runs.kept) break;
        kept.delete(oldest);
      }
    }
    return samples;
  };

  const sample = async (index: number): Promise<Sample> => {
    if (!Number.isInteger(index) || index < 0 || index >= length) {
      throw new DatasetError(`${name} has no sample ${index}`, `its ${length} samples are numbered from 0`);
    }
    const number = runOf(runs.starts, index);
    const found = (await runAt(number))[index - runs.starts[number]!];
    if (found === undefined) {
      throw new DatasetError(
        `${name} is shorter than when it was opened`,
        'do not change it while it is read',
      );
    }
    if (found instanceof DatasetError) throw found;
    return found;
  };

  return {
    name,
    length,
    runs,
    sample,
    async *[Symbol.asyncIterator]() {
      for (let number = 0; number < runs.starts.length; number++) {
        for (const found of await read(number)) {
          if (found instanceof DatasetError) throw found;
          yield found;
        }
      }
    },
  };
}
