import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { loadImage, type MediaSource } from '@ocelli/datasets';
import type { Problems } from './problems.js';

/** Looks at the file of a picture, video or recording; with `decode` a picture is decoded as well. */
export async function checkMediaFile(
  { kind, source }: MediaSource,
  decode: boolean,
  problems: Problems,
): Promise<void> {
  if (source.kind === 'file' && !(await isReadable(source.path, problems))) return;
  if (!decode || kind !== 'image') return;
  try {
    await loadImage(source);
  } catch (error) {
    problems.add('undecodable', (error as Error).message);
  }
}

async function isReadable(path: string, problems: Problems): Promise<boolean> {
  try {
    const found = await stat(path);
    if (!found.isFile()) problems.add('unreadable', `${path} is no file`);
    else if (found.size === 0) problems.add('unreadable', `${path} is empty`);
    else {
      await access(path, constants.R_OK);
      return true;
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') problems.add('missing', path);
    else problems.add('unreadable', (error as Error).message);
  }
  return false;
}
