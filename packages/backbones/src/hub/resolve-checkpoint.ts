import { existsSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { OcelliError } from '@ocelli/ops';
import {
  allParts,
  type CheckpointPart,
  isIndex,
  lacking,
  neededFiles,
  shardsOf,
} from './checkpoint-files.js';
import { downloadBlob } from './download-blob.js';
import { describeHubError, isUnreachable } from './hub-errors.js';
import { type HubFetch, hubFetch } from './hub-fetch.js';
import { type HubOptions, type HubSettings, hubSettings } from './hub-settings.js';
import { type HubFile, listRepository } from './list-repository.js';
import { RepositoryCache } from './repository-cache.js';

/** How a checkpoint is found. */
export interface ResolveOptions extends HubOptions {
  /** What of it is wanted; default: all. */
  readonly parts?: readonly CheckpointPart[];
}

/** Whether a name may stand for a checkpoint on a hub: `gpt2` or `facebook/opt-1.3b`, and nothing that is a path. */
export function isHubId(name: string): boolean {
  return /^[A-Za-z0-9][\w.-]*(\/[\w.-]*\w)?$/.test(name) && !/--|\.\./.test(name);
}

/**
 * The folder of a checkpoint by its path or its hub id: a folder of that name is taken first; otherwise what is missing in
 * the cache is downloaded, of the files that Ocelli reads. The cache is Python's, so neither downloads what the other has.
 * If the hub cannot be reached, what an earlier download left is used.
 *
 * @throws {OcelliError} saying what is not there and what to do; the signal's reason if it stops the download.
 */
export async function resolveCheckpoint(name: string, options: ResolveOptions = {}): Promise<string> {
  const directory = resolve(name);
  if (existsSync(directory) && statSync(directory).isDirectory()) return directory;
  if (!isHubId(name)) {
    throw new OcelliError(
      'hub',
      `there is no folder ${directory}, and ${JSON.stringify(name)} is no hub id; give a checkpoint folder, or an id such as facebook/opt-125m`,
    );
  }
  const settings = hubSettings(options);
  return new Resolution(name, settings, options).resolve();
}

/** One call of `resolveCheckpoint` for a hub id. */
class Resolution {
  readonly #id: string;
  readonly #settings: HubSettings;
  readonly #options: ResolveOptions;
  readonly #parts: readonly CheckpointPart[];
  readonly #cache: RepositoryCache;
  readonly #fetch: HubFetch;

  constructor(id: string, settings: HubSettings, options: ResolveOptions) {
    this.#id = id;
    this.#settings = settings;
    this.#options = options;
    this.#parts = options.parts ?? allParts;
    this.#cache = new RepositoryCache(settings.cacheDirectory, id);
    this.#fetch = hubFetch(settings, options.signal);
  }

  async resolve(): Promise<string> {
    const { offline, revision, endpoint } = this.#settings;
    if (offline) {
      const cached = await this.#cached();
      if (typeof cached !== 'string') return cached.folder;
      throw this.#error(
        `there is no folder ${resolve(this.#id)}, and ${cached} in the cache while offline mode is on; download it with HF_HUB_OFFLINE=0, or give a folder`,
      );
    }
    let repository: Awaited<ReturnType<typeof listRepository>>;
    try {
      repository = await listRepository(this.#id, this.#settings, this.#fetch);
    } catch (error) {
      this.#options.signal?.throwIfAborted();
      if (OcelliError.isInstance(error)) throw error;
      const message = `there is no folder ${resolve(this.#id)}, and ${describeHubError(error, { id: this.#id, revision, endpoint })}`;
      const cached = isUnreachable(error) ? await this.#cached() : '';
      // Without the cause: it quotes the server's answer, in which anything may stand.
      if (typeof cached === 'string') throw new OcelliError('hub', message);
      this.#options.onMessage?.(`${message}; using what was downloaded before, ${cached.folder}`);
      return cached.folder;
    }
    return this.#download(repository.commit, repository.files);
  }

  /** The snapshot in the cache, or what is lacking there. */
  async #cached(): Promise<{ folder: string } | string> {
    const { revision } = this.#settings;
    const commit = await this.#cache.commitOf(revision);
    if (commit === null) return `${this.#id} (revision ${revision}) is not`;
    const lack = lacking(await this.#cache.filesOf(commit), this.#parts);
    return lack === null ? { folder: this.#cache.snapshot(commit) } : `${this.#id} has ${lack}`;
  }

  async #download(commit: string, files: ReadonlyMap<string, HubFile>): Promise<string> {
    const names = new Set(files.keys());
    const lack = lacking(names, this.#parts);
    if (lack !== null) {
      throw this.#error(
        `${this.#id} has ${lack} that Ocelli reads; choose another checkpoint or revision (it holds ${[...names].slice(0, 20).join(', ')})`,
      );
    }
    const wanted = neededFiles(names, this.#parts);
    const index = wanted.find(isIndex);
    if (index) {
      // The index is small, and how much there is to download is only known with it.
      await this.#fetchAll(commit, [files.get(index)!], () => {});
      const shards = shardsOf(await readFile(join(this.#cache.snapshot(commit), index), 'utf8'));
      const absent = shards?.find((name) => !files.has(name));
      if (!shards || absent)
        throw this.#error(`${index} of ${this.#id} names ${absent ?? 'no files'}; report it to its owner`);
      wanted.push(...shards);
    }
    const present = await this.#cache.filesOf(commit);
    const missing = [...new Set(wanted)].filter((name) => !present.has(name)).map((name) => files.get(name)!);
    if (missing.length > 0) {
      const total = missing.reduce((sum, { size }) => sum + size, 0);
      this.#options.onMessage?.(
        `${this.#id}: ${missing.length} ${missing.length === 1 ? 'file' : 'files'}, ${formatSize(total)}, to ${this.#cache.snapshot(commit)}`,
      );
      await this.#fetchAll(commit, missing, (file, bytes) =>
        this.#options.onProgress?.({ file, bytes, total }),
      );
    }
    await this.#cache.rememberCommit(this.#settings.revision, commit);
    return this.#cache.snapshot(commit);
  }

  /** Fetches files one after another; `onBytes` gets how much of them all is there. */
  async #fetchAll(
    commit: string,
    files: readonly HubFile[],
    onBytes: (file: string, bytes: number) => void,
  ): Promise<void> {
    let before = 0;
    for (const { name, size, digest } of files) {
      await downloadBlob({
        url: `${this.#settings.endpoint}/${this.#id}/resolve/${commit}/${name}`,
        description: `${name} of ${this.#id}`,
        size,
        digest,
        path: this.#cache.blob(digest),
        lockFolder: this.#cache.locks,
        fetch: this.#fetch,
        signal: this.#options.signal,
        onBytes: (bytes) => onBytes(name, before + bytes),
      });
      await this.#cache.link(commit, basename(name), digest);
      before += size;
    }
  }

  #error(message: string): OcelliError {
    return new OcelliError('hub', message);
  }
}

/** Decimal units, as hubs show sizes. */
function formatSize(bytes: number): string {
  const [unit, name] = [
    [1e9, 'GB'],
    [1e6, 'MB'],
    [1e3, 'kB'],
  ].find(([size]) => bytes >= (size as number)) ?? [1, 'bytes'];
  return `${(bytes / (unit as number)).toFixed(unit === 1 ? 0 : 1)} ${name}`;
}
