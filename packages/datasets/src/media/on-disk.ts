import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClipSource } from '../sample.js';

/** What errors call an encoded source. */
export function nameOf(source: ClipSource): string {
  return source.kind === 'file' ? source.path : (source.name ?? 'in memory');
}

/** Calls `use` with the path of a source's bytes; those in memory lie in a file for so long. */
export async function onDisk<Result>(
  source: ClipSource,
  use: (path: string) => Promise<Result>,
): Promise<Result> {
  if (source.kind === 'file') return use(source.path);
  const directory = await mkdtemp(join(tmpdir(), 'ocelli-media-'));
  try {
    const path = join(directory, 'media');
    await writeFile(path, source.data);
    return await use(path);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
