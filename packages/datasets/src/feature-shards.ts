import { randomBytes } from 'node:crypto';
import { readdir, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';

const suffix = '.features';

/** A file of a feature cache. */
export interface Shard {
  readonly name: string;
  readonly bytes: number;
  /** When it was last written, or first read by a run, in milliseconds since 1970. */
  readonly usedAt: number;
}

/** A name that no other shard has; later ones sort behind earlier ones. */
export function newShardName(): string {
  return `${Date.now().toString(36)}-${process.pid}-${randomBytes(4).toString('hex')}${suffix}`;
}

/** Names of a folder's shards, the oldest first. */
export async function shardNames(directory: string): Promise<string[]> {
  return (await readdir(directory)).filter((name) => name.endsWith(suffix)).sort();
}

/** A folder's shards. Those that vanish meanwhile are left out. */
export async function listShards(directory: string): Promise<Shard[]> {
  const shards = await Promise.all(
    (await shardNames(directory)).map(async (name): Promise<Shard[]> => {
      try {
        const { size, mtimeMs } = await stat(join(directory, name));
        return [{ name, bytes: size, usedAt: mtimeMs }];
      } catch (error) {
        if (isMissing(error)) return [];
        throw error;
      }
    }),
  );
  return shards.flat();
}

/**
 * Removes the shards that were not used for longest until the others have at most so many bytes. Removes none where that
 * would not be enough.
 *
 * @param kept names of shards that stay.
 * @returns whether they have at most so many bytes now.
 */
export async function shrink(directory: string, most: number, kept: ReadonlySet<string>): Promise<boolean> {
  const shards = await listShards(directory);
  const sum = (some: readonly Shard[]): number => some.reduce((total, { bytes }) => total + bytes, 0);
  if (sum(shards.filter(({ name }) => kept.has(name))) > most) return false;
  const removable = shards
    .filter(({ name }) => !kept.has(name))
    .sort((a, b) => a.usedAt - b.usedAt || (a.name < b.name ? -1 : 1));
  let total = sum(shards);
  for (const { name, bytes } of removable) {
    if (total <= most) break;
    try {
      await unlink(join(directory, name));
    } catch (error) {
      if (!isMissing(error)) throw error; // another process was faster
    }
    total -= bytes;
  }
  return true;
}

/** Whether an error says that a file is not there. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
