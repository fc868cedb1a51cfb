import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm, stat, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { OcelliError } from '@ocelli/ops';
import lockfile from 'proper-lockfile';
import { type HubFetch, pause } from './hub-fetch.js';

/** A file to fetch. */
export interface BlobRequest {
  readonly url: string;
  /** Of the checkpoint and the file, for messages. */
  readonly description: string;
  readonly size: number;
  /** SHA-256 (64 hexadecimal digits), or git's SHA-1 of a small file (40). */
  readonly digest: string;
  /** Where the file comes to lie; an unfinished one is at `path` + `.incomplete`. */
  readonly path: string;
  readonly lockFolder: string;
  readonly fetch: HubFetch;
  readonly signal?: AbortSignal | undefined;
  /** Called with the number of bytes of this file that are there. */
  readonly onBytes: (bytes: number) => void;
}

/** Attempts to go on after a connection was cut, if none brings a byte; each asks several times by itself. */
const fruitlessAttempts = 3;
/** A lock that its holder has not renewed for this long is taken over. */
const staleLockMilliseconds = 30_000;

/**
 * Fetches a file unless it is there. What an earlier call left unfinished is continued; the digest is checked before the file
 * appears under its name. Of several processes one fetches and the others wait for it.
 *
 * @throws {OcelliError} when the contents are not what the hub announced, or the disk is full.
 */
export async function downloadBlob(request: BlobRequest): Promise<void> {
  const { path, size, digest, lockFolder, signal } = request;
  await mkdir(dirname(path), { recursive: true });
  await mkdir(lockFolder, { recursive: true });
  const release = await acquire(join(lockFolder, `${digest}.ocelli.lock`), path, signal);
  if (!release) return request.onBytes(size);
  try {
    if (await exists(path)) return request.onBytes(size);
    // A partial file that turns out wrong may stem from a broken disk or another program: once more from the beginning.
    const continued = (await sizeOf(partial(path))) > 0;
    if (!(await fetchAndCheck(request)) && !(continued && (await fetchAndCheck(request)))) {
      throw new OcelliError(
        'hub',
        `${request.description} arrived with another checksum than ${digest}, which the hub announced, and was deleted; ` +
          'try again, and if it happens again ask the owner of the network or the mirror',
      );
    }
    await rename(partial(path), path);
  } finally {
    await release().catch(() => {}); // lost, see onCompromised
  }
}

function partial(path: string): string {
  return `${path}.incomplete`;
}

/** Waits for the lock, or until another process has brought the file; then the answer is null. */
async function acquire(
  lockPath: string,
  path: string,
  signal: AbortSignal | undefined,
): Promise<(() => Promise<void>) | null> {
  for (;;) {
    signal?.throwIfAborted();
    if (await exists(path)) return null;
    try {
      return await lockfile.lock(path, {
        realpath: false,
        lockfilePath: lockPath,
        stale: staleLockMilliseconds,
        // Another process took over while this one slept: the digest, checked at the end, catches what both may have written.
        onCompromised: () => {},
      });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ELOCKED') throw error;
      await pause(0, signal);
    }
  }
}

/** Fills the partial file; false, and no partial file, if its digest is wrong. */
async function fetchAndCheck(request: BlobRequest): Promise<boolean> {
  const { path, digest } = request;
  await checkSpace(request);
  const file = await open(partial(path), 'a+');
  let actual: string;
  try {
    const download = new PartialFile(file, request);
    await download.readExisting();
    await download.complete();
    await file.sync();
    actual = download.digest();
  } finally {
    await file.close();
  }
  if (actual === digest) return true;
  await rm(partial(path), { force: true });
  request.onBytes(0);
  return false;
}

async function checkSpace({ path, size, description }: BlobRequest): Promise<void> {
  const missing = size - (await sizeOf(partial(path)));
  const { bavail, bsize } = await statfs(dirname(path));
  if (bavail * bsize >= missing) return;
  throw new OcelliError(
    'hub',
    `${description} needs ${missing} bytes more in ${dirname(path)}, which has ${bavail * bsize}; free some, or set HF_HUB_CACHE`,
  );
}

/** The file under way, hashed as it grows. */
class PartialFile {
  readonly #file: FileHandle;
  readonly #request: BlobRequest;
  #bytes = 0;
  #hash: Hash;

  constructor(file: FileHandle, request: BlobRequest) {
    this.#file = file;
    this.#request = request;
    this.#hash = this.#newHash();
  }

  /** Takes over what an earlier download left. */
  async readExisting(): Promise<void> {
    const { path, size, onBytes, signal } = this.#request;
    if ((await this.#file.stat()).size > size) await this.#restart();
    for await (const chunk of createReadStream(partial(path))) {
      signal?.throwIfAborted();
      this.#hash.update(chunk as Buffer);
      this.#bytes += (chunk as Buffer).length;
    }
    onBytes(this.#bytes);
  }

  /** Fetches what is missing, and goes on where a connection was cut. */
  async complete(): Promise<void> {
    const { size, signal } = this.#request;
    let fruitless = 0;
    while (this.#bytes < size) {
      const before = this.#bytes;
      let cause: unknown;
      try {
        await this.#fetchOnce(); // a body may also end early without an error
      } catch (error) {
        signal?.throwIfAborted();
        if (OcelliError.isInstance(error) || isFileError(error)) throw error;
        cause = error;
      }
      fruitless = this.#bytes > before ? 0 : fruitless + 1;
      if (fruitless === fruitlessAttempts) throw this.#cut(cause);
      if (this.#bytes < size) await pause(fruitless, signal);
    }
  }

  digest(): string {
    return this.#hash.digest('hex');
  }

  async #fetchOnce(): Promise<void> {
    const { url, size, fetch, onBytes } = this.#request;
    const headers: Record<string, string> = { 'accept-encoding': 'identity' };
    if (this.#bytes > 0) headers.range = `bytes=${this.#bytes}-`;
    const response = await fetch(url, { headers });
    if (response.status !== 200 && response.status !== 206) {
      await response.body?.cancel();
      throw this.#refused(response.status);
    }
    const start = /^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')?.[1];
    const continues = response.status === 206 && Number(start) === this.#bytes;
    if (!continues && this.#bytes > 0) await this.#restart();
    if (!continues && response.status === 206 && Number(start) !== 0) {
      await response.body?.cancel();
      throw new Error(`the server answered with another range (${response.headers.get('content-range')})`);
    }
    for await (const chunk of response.body ?? []) {
      if (this.#bytes + chunk.length > size) throw this.#tooLong();
      await this.#file.appendFile(chunk);
      this.#hash.update(chunk);
      this.#bytes += chunk.length;
      onBytes(this.#bytes);
    }
  }

  async #restart(): Promise<void> {
    await this.#file.truncate(0);
    this.#bytes = 0;
    this.#hash = this.#newHash();
    this.#request.onBytes(0);
  }

  #newHash(): Hash {
    const { digest, size } = this.#request;
    return digest.length === 64 ? createHash('sha256') : createHash('sha1').update(`blob ${size}\0`);
  }

  #refused(status: number): OcelliError {
    return new OcelliError(
      'hub',
      `${this.#request.description} cannot be downloaded: HTTP ${status}${status === 429 ? ' (too many requests)' : ''}; ` +
        'try again later, what has arrived is kept',
    );
  }

  #tooLong(): OcelliError {
    const { description, size } = this.#request;
    return new OcelliError(
      'hub',
      `${description} is longer than the ${size} bytes that the hub announced; try again later`,
    );
  }

  #cut(cause: unknown): OcelliError {
    const { description, size } = this.#request;
    return new OcelliError(
      'hub',
      `the connection was cut at byte ${this.#bytes} of ${size} of ${description}, ${fruitlessAttempts} times; ` +
        'try again later, what has arrived is kept',
      { cause },
    );
  }
}

function isFileError(error: unknown): boolean {
  return /^(ENOSPC|EACCES|EPERM|EROFS|EDQUOT|EIO)$/.test((error as NodeJS.ErrnoException | null)?.code ?? '');
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null;
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => null))?.size ?? 0;
}
