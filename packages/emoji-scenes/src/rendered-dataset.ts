/** Samples that follow from their numbers; fits `Dataset` of `@ocelli/datasets`. */
export interface RenderedDataset<Sample> extends AsyncIterable<Sample> {
  /** E.g. `emoji-scenes/demo/train`. */
  readonly name: string;
  readonly length: number;
  /** The sample at `index`, 0 to `length - 1`; what it shows is not drawn yet. */
  sample(index: number): Promise<Sample>;
}

/**
 * A data set of samples made by their numbers, independently of each other: the first thousand of 20,000 are the same as
 * those of a data set of 1,000.
 *
 * @param options.size default 20,000 for `train`, else 1,000.
 * @param name of the data set without split and seed, such as `emoji-scenes/demo`; messages begin with its first part.
 * @throws when `size` or `seed` is not a whole number in range.
 */
export function renderedDataset<Sample>(
  name: string,
  { split, seed, size }: { readonly split: string; readonly seed: number; readonly size: number | undefined },
  make: (index: number) => Sample,
): RenderedDataset<Sample> {
  const [origin] = name.split('/');
  const length = size ?? (split === 'train' ? 20_000 : 1_000);
  if (!Number.isInteger(length) || length < 1 || length > 1_000_000) {
    throw new Error(`[${origin}] size ${length} is out of range; give a whole number from 1 to 1000000`);
  }
  if (!Number.isInteger(seed) || seed < 0) {
    throw new Error(`[${origin}] seed ${seed} is not a whole number of at least 0`);
  }
  return {
    name: `${name}/${split}${seed === 0 ? '' : `@${seed}`}`,
    length,
    async sample(index) {
      if (!Number.isInteger(index) || index < 0 || index >= length) {
        throw new Error(`[${origin}] there is no sample ${index}; the ${length} samples are numbered from 0`);
      }
      return make(index);
    },
    async *[Symbol.asyncIterator]() {
      for (let index = 0; index < length; index++) yield make(index);
    },
  };
}
