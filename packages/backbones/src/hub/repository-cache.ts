import { randomUUID } from 'node:crypto';
import { copyFile, mkdir, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { isIndex, shardsOf } from './checkpoint-files.js';

const commitPattern = /^[0-9a-f]{40}$/;

/**
 * The part of the cache that holds one repository, in the layout of Python's `huggingface_hub`, so that nothing downloads
 * twice:
 *
 *     models--facebook--opt-125m/
 *       refs/main                     the commit that the branch was at
 *       blobs/<digest>                contents, by the digest that the hub gives
 *       snapshots/<commit>/config.json -> ../../blobs/<digest>
 *
 * An unfinished download is `blobs/<digest>.incomplete`.
 */
export class RepositoryCache {
  readonly #root: string;
  /** Folder of lock files. */
  readonly locks: string;

  constructor(cacheDirectory: string, id: string) {
    const name = `models--${id.replaceAll('/', '--')}`;
    this.#root = join(cacheDirectory, name);
    this.locks = join(cacheDirectory, '.locks', name);
  }

  blob(digest: string): string {
    return join(this.#root, 'blobs', digest);
  }

  snapshot(commit: string): string {
    return join(this.#root, 'snapshots', commit);
  }

  /** The commit that a revision had at the last download; null if there was none. */
  async commitOf(revision: string): Promise<string | null> {
    if (commitPattern.test(revision)) return revision;
    const text = await readFile(join(this.#root, 'refs', revision), 'utf8').catch(() => '');
    return commitPattern.test(text.trim()) ? text.trim() : null;
  }

  async rememberCommit(revision: string, commit: string): Promise<void> {
    if (revision === commit) return;
    const path = join(this.#root, 'refs', revision);
    await mkdir(dirname(path), { recursive: true });
    await replace(path, (temporary) => writeFile(temporary, commit));
  }

  /** Names of a snapshot's files that are wholly there; an index whose shards are not is left out. */
  async filesOf(commit: string): Promise<Set<string>> {
    const folder = this.snapshot(commit);
    const names = await readdir(folder).catch((): string[] => []);
    const present = new Set<string>();
    const texts = new Map<string, string>();
    for (const name of names) {
      // A link whose blob is gone reads as missing.
      const entry = await stat(join(folder, name)).catch(() => null);
      if (!entry?.isFile()) continue;
      present.add(name);
      if (isIndex(name)) texts.set(name, await readFile(join(folder, name), 'utf8'));
    }
    for (const [name, text] of texts) {
      if (!shardsOf(text)?.every((shard) => present.has(shard))) present.delete(name);
    }
    return present;
  }

  /** Makes a blob appear in a snapshot: a relative link, or a copy where the system has no links. */
  async link(commit: string, name: string, digest: string): Promise<void> {
    const path = join(this.snapshot(commit), name);
    await mkdir(dirname(path), { recursive: true });
    await replace(path, async (temporary) => {
      const blob = this.blob(digest);
      await symlink(relative(dirname(path), blob), temporary).catch(async (error: NodeJS.ErrnoException) => {
        if (error.code !== 'EPERM' && error.code !== 'ENOSYS') throw error;
        await copyFile(blob, temporary);
      });
    });
  }
}

/** Makes a file beside its place and moves it there, so that no reader sees half of it. */
async function replace(path: string, make: (temporary: string) => Promise<void>): Promise<void> {
  const temporary = `${path}.${randomUUID()}`;
  try {
    await make(temporary);
    await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
}
