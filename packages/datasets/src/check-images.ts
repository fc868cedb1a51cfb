import { access } from 'node:fs/promises';
import { DatasetError } from './dataset-error.js';

/**
 * Makes sure that every file is there, 64 at a time.
 * @throws {DatasetError} naming the first that is missing and counting the rest.
 */
export async function checkImages(paths: readonly string[], annotations: string): Promise<void> {
  const missing: string[] = [];
  for (let from = 0; from < paths.length; from += 64) {
    await Promise.all(
      paths.slice(from, from + 64).map((path) => access(path).catch(() => missing.push(path))),
    );
  }
  if (missing.length === 0) return;
  missing.sort();
  const count = missing.length === 1 ? '' : ` and ${missing.length - 1} more of ${paths.length}`;
  throw new DatasetError(
    `${annotations} names the picture ${missing[0]}${count}, which ${missing.length === 1 ? 'is' : 'are'} not there`,
    'copy the pictures there, or take their entries out',
  );
}
