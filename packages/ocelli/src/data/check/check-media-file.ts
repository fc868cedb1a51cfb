import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { loadAudio, loadImage, loadVideo, type MediaSource } from '@ocelli/datasets';
import type { Problems } from './problems.js';

/** Looks at the file of a picture, video or recording; with `decode` the picture, one frame or the sound is decoded as well. */
export async function checkMediaFile(
  medium: MediaSource,
  decode: boolean,
  problems: Problems,
): Promise<void> {
  const { source } = medium;
  if (source.kind === 'file' && !(await isReadable(source.path, problems))) return;
  if (!decode) return;
  try {
    await decodeMedium(medium);
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

async function decodeMedium({ kind, source }: MediaSource): Promise<void> {
  switch (kind) {
    case 'image':
      await loadImage(source);
      return;
    case 'video':
      await loadVideo(source, { frames: 1 });
      return;
    case 'audio':
      await loadAudio(source);
  }
}
