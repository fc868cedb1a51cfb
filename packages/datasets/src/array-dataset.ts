import { DatasetError } from './dataset-error.js';
import type { Dataset, Sample } from './sample.js';

/** A data set of samples that are in memory (their pictures are not). */
export function arrayDataset(name: string, samples: readonly Sample[]): Dataset {
  const sample = async (index: number): Promise<Sample> => {
    const found = samples[index];
    if (found === undefined) {
      throw new DatasetError(
        `${name} has no sample ${index}`,
        `its ${samples.length} samples are numbered from 0`,
      );
    }
    return found;
  };
  return {
    name,
    length: samples.length,
    sample,
    async *[Symbol.asyncIterator]() {
      yield* samples;
    },
  };
}
