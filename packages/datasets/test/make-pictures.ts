import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import sharp from 'sharp';

/** Writes 4 x 2 pictures of one colour under a new folder, and gives the folder's path. */
export async function makePictures(pictures: Readonly<Record<string, string>>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'ocelli-pictures-'));
  for (const [name, background] of Object.entries(pictures)) {
    const path = join(directory, name);
    await mkdir(dirname(path), { recursive: true });
    await sharp({ create: { width: 4, height: 2, channels: 3, background } }).toFile(path);
  }
  return directory;
}
