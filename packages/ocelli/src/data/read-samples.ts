import type { Dataset, Sample } from '@ocelli/datasets';

/** All samples of a data set, or the first so many; their pictures are not read. */
export async function readSamples(dataset: Dataset, limit = Number.POSITIVE_INFINITY): Promise<Sample[]> {
  const samples: Sample[] = [];
  for await (const sample of dataset) {
    if (samples.length >= limit) break;
    samples.push(sample);
  }
  return samples;
}
