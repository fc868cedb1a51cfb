import { mkdir, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OcelliError } from '@ocelli/ops';

/** Two checkpoints are kept while a third is written; the log and the rest get some room too. */
const copies = 3;
const room = 1 << 20;

/**
 * Throws unless checkpoints of this size can be written to a folder, which is made if need be: better now than at the
 * first checkpoint.
 *
 * @param checkpointBytes size of one checkpoint.
 * @param freeBytes free space of the file system; asked of the system by default.
 */
export async function checkDisk(
  directory: string,
  checkpointBytes: number,
  freeBytes?: number,
): Promise<void> {
  try {
    await mkdir(directory, { recursive: true });
    const probe = join(directory, `.probe-${process.pid}`);
    await writeFile(probe, 'x');
    await rm(probe);
  } catch (error) {
    throw new OcelliError(
      'train',
      `checkpoints cannot be written to ${directory} (${(error as Error).message}); choose another checkpointDirectory`,
      { cause: error },
    );
  }
  const free = freeBytes ?? (await freeSpace(directory));
  const needed = copies * checkpointBytes + room;
  if (free < needed) {
    throw new OcelliError(
      'train',
      `${directory} has ${megabytes(free)} free, checkpoints need ${megabytes(needed)} (${copies} of ` +
        `${megabytes(checkpointBytes)} at a time); free some space or choose another checkpointDirectory`,
    );
  }
}

async function freeSpace(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
