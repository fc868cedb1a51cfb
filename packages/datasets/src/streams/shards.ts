import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DatasetError, reasonOf } from '../dataset-error.js';

/** A file, or all files of a folder with an ending, in the order of their names. @throws {DatasetError} for none. */
export async function shardPaths(path: string, ending: string): Promise<string[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [path];
    const names = (await readdir(path)).filter((name) => name.endsWith(ending)).sort();
    if (names.length > 0) return names.map((name) => join(path, name));
  } catch (error) {
    throw new DatasetError(`cannot read ${path} (${reasonOf(error)})`, 'check the path', { cause: error });
  }
  throw new DatasetError(
    `the folder ${path} has no file that ends in ${ending}`,
    'name another folder or a file',
  );
}
