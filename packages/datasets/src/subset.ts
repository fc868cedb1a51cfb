import { arrayDataset } from './array-dataset.js';
import { DatasetError } from './dataset-error.js';
import { hashFraction } from './random.js';
import type { Dataset, Sample } from './sample.js';

/** Which few samples to keep: the first so many, or a share of all. */
export type SubsetOptions =
  | { readonly first: number }
  | {
      /** More than 0, at most 1. */
      readonly fraction: number;
      /** Another seed chooses other samples. Default 0. */
      readonly seed?: number;
    };

/**
 * A part of a data set, for low-data training. `first` keeps the first samples in file order. `fraction` keeps
 * `round(fraction * length)` samples, those with the smallest hash of seed and id: the choice does not depend on the
 * order of the file, and the 1 % lies inside the 10 % of the same seed. A sample is a picture with all its text.
 *
 * @throws {DatasetError} when the number is out of range.
 */
export async function subset(dataset: Dataset, options: SubsetOptions): Promise<Dataset> {
  const all: Sample[] = [];
  if ('first' in options) {
    const { first } = options;
    if (!Number.isInteger(first) || first < 1 || first > dataset.length) {
      throw new DatasetError(
        `cannot take the first ${first} of the ${dataset.length} samples of ${dataset.name}`,
        `give a whole number from 1 to ${dataset.length}`,
      );
    }
    for (let index = 0; index < first; index++) all.push(await dataset.sample(index));
    return arrayDataset(`${dataset.name}, first ${first}`, all);
  }
  const { fraction, seed = 0 } = options;
  if (!(fraction > 0 && fraction <= 1)) {
    throw new DatasetError(`fraction is ${fraction}`, 'give a number above 0 and at most 1');
  }
  for await (const sample of dataset) all.push(sample);
  const chosen = all
    .map((sample, index) => ({ sample, index, rank: hashFraction(`subset/${seed}/${sample.id}`) }))
    .sort((one, other) => one.rank - other.rank || one.index - other.index)
    .slice(0, Math.max(1, Math.round(fraction * all.length)))
    .sort((one, other) => one.index - other.index);
  return arrayDataset(
    `${dataset.name}, ${fraction} of it`,
    chosen.map(({ sample }) => sample),
  );
}
