import { access } from 'node:fs/promises';
import { DatasetError } from './dataset-error.js';
import { mediaSources } from './media-sources.js';
import type { Dataset } from './sample.js';

/**
 * Makes sure that every file that the samples name is there, 64 at a time.
 * @throws {DatasetError} naming the first that is missing and counting the rest.
 */
export async function checkMedia(dataset: Dataset): Promise<void> {
  const paths = new Set<string>();
  for await (const { media } of dataset) {
    for (const { source } of mediaSources(media)) if (source.kind === 'file') paths.add(source.path);
  }
  const all = [...paths];
  const missing: string[] = [];
  for (let from = 0; from < all.length; from += 64) {
    await Promise.all(all.slice(from, from + 64).map((path) => access(path).catch(() => missing.push(path))));
  }
  if (missing.length === 0) return;
  missing.sort();
  const count = missing.length === 1 ? '' : ` and ${missing.length - 1} more of ${all.length}`;
  throw new DatasetError(
    `${dataset.name} names the file ${missing[0]}${count}, which ${missing.length === 1 ? 'is' : 'are'} not there`,
    'copy them there, correct the folder of the media, or set checkMedia: false',
  );
}
