import { fileURLToPath } from 'node:url';
import { type DatasetConfig, openDataset } from '../src/open-dataset.js';
import type { Sample } from '../src/sample.js';

/** A small file in a published format. */
export const fixture = (name: string): string =>
  fileURLToPath(new URL(`fixtures/formats/${name}`, import.meta.url));

/** All samples of a data set whose media are not there. */
export async function openSamples(config: DatasetConfig): Promise<Sample[]> {
  const samples: Sample[] = [];
  for await (const sample of await openDataset({ ...config, checkMedia: false })) samples.push(sample);
  return samples;
}
