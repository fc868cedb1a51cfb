import { access, constants, type FileHandle, mkdir, open, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { fromBfloat16, toBfloat16 } from './bfloat16.js';
import { DatasetError, reasonOf } from './dataset-error.js';
import {
  decodeHeader,
  decodeValues,
  digestOf,
  encodeRecord,
  type FeatureType,
  headerLength,
} from './feature-record.js';
import { type FeatureEntry, runsOf } from './feature-runs.js';
import { isMissing, listShards, newShardName, shardNames, shrink } from './feature-shards.js';

/** Features of one picture. */
export interface Features {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

/** How a feature cache is kept. */
export interface FeatureCacheOptions {
  /**
   * The most that its files take, in bytes. Where features need room, files that no run has used for longest go, but none
   * that this process has used: what has no room then is not kept, so that a set larger than the bound keeps its first
   * part and does not push itself out at every run. Default: no bound.
   */
  readonly maxBytes?: number | undefined;
  /**
   * How values are kept: `bfloat16` takes half the room and rounds them to nearest even, so they are not those that were
   * put. Features of the other type are not seen. Default: `float32`.
   */
  readonly dtype?: FeatureType | undefined;
}

/** The most that a process appends to one file: what is removed at once, and how many files are open, follow from it. */
const largestShard = 2 ** 30;

/**
 * Features on disk. A folder holds shards, files that are only ever appended to; each process appends to a shard of its
 * own, so several may share a folder, also while one of them removes shards for room. Headers are verified when a shard
 * is read, values when they are fetched: a record that was cut off by a kill, or damaged, is never seen, and its features
 * are simply computed again.
 */
export class FeatureCache implements AsyncDisposable {
  readonly directory: string;
  /** How values are kept. */
  readonly dtype: FeatureType;
  private readonly maxBytes: number;
  private readonly entries = new Map<string, FeatureEntry>();
  private readonly readers = new Map<string, Promise<FileHandle>>();
  /** How far each shard has been read. */
  private readonly scanned = new Map<string, number>();
  /** Shards that features were written to or read from here, which are not removed for room. */
  private readonly used = new Set<string>();
  private writer: { name: string; file: FileHandle; end: number } | undefined;
  private readonly queue: { digest: string; record: Buffer; shape: readonly number[] }[] = [];
  /** What is queued goes with it; undefined once it has begun. */
  private nextWrite: Promise<boolean> | undefined;
  private lastWrite: Promise<unknown> = Promise.resolve();

  private constructor(
    directory: string,
    { maxBytes = Number.POSITIVE_INFINITY, dtype = 'float32' }: FeatureCacheOptions,
  ) {
    this.directory = directory;
    this.maxBytes = maxBytes;
    this.dtype = dtype;
  }

  /**
   * Opens the cache in a folder, which is made where it is not there, and removes what is over its bound. Takes the time to
   * read 80 bytes a record.
   *
   * @throws {DatasetError} when the folder cannot be made, read or written.
   */
  static async open(directory: string, options: FeatureCacheOptions = {}): Promise<FeatureCache> {
    const cache = new FeatureCache(directory, options);
    try {
      await mkdir(directory, { recursive: true });
      await access(directory, constants.R_OK | constants.W_OK);
      if (Number.isFinite(cache.maxBytes)) await shrink(directory, cache.maxBytes, cache.used);
    } catch (error) {
      throw cache.failure('use', error);
    }
    await cache.refresh();
    return cache;
  }

  /** Number of features that can be fetched. */
  get size(): number {
    return this.entries.size;
  }

  /** Whether `get` would look on disk for this key. */
  has(key: string): boolean {
    return this.entries.has(digestOf(key, this.dtype));
  }

  /** Bytes of its files, those of other processes and of other types too. */
  async bytes(): Promise<number> {
    try {
      return (await listShards(this.directory)).reduce((sum, { bytes }) => sum + bytes, 0);
    } catch (error) {
      throw this.failure('read', error);
    }
  }

  /** What `get` gives after these values have been put: the same, or rounded. */
  asKept(data: Float32Array): Float32Array {
    return this.dtype === 'float32' ? data : fromBfloat16(toBfloat16(data));
  }

  /** Takes in what other processes have written since, and lets go of what they have removed. */
  async refresh(): Promise<void> {
    try {
      const known = new Set([...this.readers.keys(), ...this.used]); // before: shards may begin meanwhile
      const names = await shardNames(this.directory);
      for (const name of names) if (name !== this.writer?.name) await this.scan(name);
      for (const name of names) known.delete(name);
      for (const name of known) this.forget(name);
    } catch (error) {
      throw this.failure('read', error);
    }
  }

  /** The features under a key, or undefined where there are none that are whole. */
  async get(key: string): Promise<Features | undefined> {
    return (await this.getMany([key]))[0];
  }

  /**
   * The features under each of the keys, undefined where there are none that are whole. Records that lie together on
   * disk are read together: many at once is several times faster than one by one.
   */
  async getMany(keys: readonly string[]): Promise<(Features | undefined)[]> {
    const result: (Features | undefined)[] = new Array(keys.length).fill(undefined);
    const wanted: { index: number; digest: string; entry: FeatureEntry }[] = [];
    for (const [index, key] of keys.entries()) {
      const digest = digestOf(key, this.dtype);
      const entry = this.entries.get(digest);
      if (entry !== undefined) wanted.push({ index, digest, entry });
    }
    for (const run of runsOf(wanted)) {
      const { shard, position } = run[0]!.entry;
      const last = run.at(-1)!.entry;
      const bytes = await this.read(shard, position, last.position + last.byteLength - position);
      if (bytes === undefined) continue;
      for (const { index, digest, entry } of run) {
        const from = entry.position - position;
        const values = bytes.subarray(from, from + entry.byteLength);
        if (crc32(values) === entry.checksum) {
          result[index] = { data: decodeValues(values, this.dtype), shape: entry.shape };
        } else {
          this.entries.delete(digest);
        }
      }
    }
    return result;
  }

  /**
   * Keeps features under a key; a key that is there already is left as it is. Resolves when the record has been handed
   * to the operating system.
   *
   * @returns false if `maxBytes` leaves no room for them.
   * @throws {DatasetError} when the shape does not fit the array, or the disk is full or unwritable.
   */
  async put(key: string, data: Float32Array, shape: readonly number[]): Promise<boolean> {
    const length = shape.reduce((product, size) => product * size, 1);
    if (shape.length < 1 || shape.length > 8 || length !== data.length || length === 0) {
      throw new DatasetError(
        `features of shape [${shape.join(', ')}] cannot have ${data.length} values`,
        'give one to eight dimensions whose product is the length of the array',
      );
    }
    const digest = digestOf(key, this.dtype);
    if (this.entries.has(digest)) return true;
    this.queue.push({ digest, record: encodeRecord(digest, data, shape, this.dtype), shape: [...shape] });
    // Whatever has been queued by the time that the disk is free is written together.
    this.nextWrite ??= this.lastWrite.then(() => {
      this.nextWrite = undefined;
      return this.flush();
    });
    const write = this.nextWrite;
    this.lastWrite = write.catch(() => undefined);
    return write;
  }

  /** Waits for what is being written and closes the files. */
  async close(): Promise<void> {
    await this.lastWrite;
    await this.leaveShard();
    for (const reader of this.readers.values()) await (await reader).close();
    this.readers.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Writes what is queued; false where there is no room for it. */
  private async flush(): Promise<boolean> {
    const taken = new Set<string>();
    const queued = this.queue.splice(0).filter(({ digest }) => {
      const isNew = !taken.has(digest) && !this.entries.has(digest);
      taken.add(digest);
      return isNew;
    });
    if (queued.length === 0) return true;
    const bytes = Buffer.concat(queued.map(({ record }) => record));
    try {
      if (!(await this.makeRoom(bytes.length))) return false;
      const { name, start } = await this.append(bytes);
      let position = start;
      for (const { digest, record, shape } of queued) {
        const byteLength = record.length - headerLength;
        const checksum = record.readUInt32LE(72);
        this.entries.set(digest, {
          shard: name,
          position: position + headerLength,
          shape,
          byteLength,
          checksum,
        });
        position += record.length;
      }
      return true;
    } catch (error) {
      throw this.failure('write to', error);
    }
  }

  private async makeRoom(bytes: number): Promise<boolean> {
    if (this.maxBytes === Number.POSITIVE_INFINITY) return true;
    return bytes <= this.maxBytes && (await shrink(this.directory, this.maxBytes - bytes, this.used));
  }

  /** Appends whole records, all or none of them. */
  private async append(bytes: Buffer): Promise<{ readonly name: string; readonly start: number }> {
    for (;;) {
      this.writer ??= await this.newShard();
      const { name, file, end: start } = this.writer;
      try {
        for (let done = 0; done < bytes.length; ) {
          const { bytesWritten } = await file.write(bytes, done, bytes.length - done, start + done);
          done += bytesWritten;
        }
      } catch (error) {
        // What stands behind a torn record would never be found: it is taken back, or the next one goes to a new shard.
        await file.truncate(start).catch(() => this.leaveShard());
        throw error;
      }
      this.writer.end += bytes.length;
      // A process that needed room may have removed the shard: then this goes to another one.
      const isRemoved = (await file.stat()).nlink === 0;
      if (isRemoved) this.forget(name);
      // Several shards are within the bound, so that room can be made without giving up everything.
      if (isRemoved || this.writer.end >= Math.min(largestShard, this.maxBytes / 16)) await this.leaveShard();
      if (!isRemoved) return { name, start };
    }
  }

  private async newShard() {
    const name = newShardName();
    const file = await open(join(this.directory, name), 'wx');
    this.used.add(name);
    return { name, file, end: 0 };
  }

  private async leaveShard(): Promise<void> {
    const { writer } = this;
    this.writer = undefined;
    await writer?.file.close().catch(() => undefined);
  }

  private reader(shard: string): Promise<FileHandle> {
    let file = this.readers.get(shard);
    if (file === undefined) {
      file = open(join(this.directory, shard), 'r');
      this.readers.set(shard, file);
      file.catch(() => this.readers.delete(shard));
    }
    return file;
  }

  /** Bytes of a shard, undefined where it is no longer there. */
  private async read(shard: string, position: number, length: number): Promise<Buffer | undefined> {
    try {
      const bytes = Buffer.allocUnsafe(length);
      await (await this.reader(shard)).read(bytes, 0, length, position);
      if (!this.used.has(shard)) {
        this.used.add(shard);
        const now = new Date();
        // So that other processes know; not if it is another user's.
        await utimes(join(this.directory, shard), now, now).catch(() => undefined);
      }
      return bytes;
    } catch (error) {
      if (!isMissing(error)) throw this.failure('read', error);
      this.forget(shard);
      return undefined;
    }
  }

  /** Lets go of a shard that is no longer there. */
  private forget(shard: string): void {
    this.readers
      .get(shard)
      ?.then((file) => file.close())
      .catch(() => undefined);
    this.readers.delete(shard);
    this.used.delete(shard);
    for (const [digest, entry] of this.entries) if (entry.shard === shard) this.entries.delete(digest);
  }

  /**
   * Reads the headers of a shard from where it was left, up to the first record that is not whole. A later record of the
   * same key wins: it was written because the earlier one was damaged.
   */
  private async scan(name: string): Promise<void> {
    let file: FileHandle;
    try {
      file = await this.reader(name);
    } catch (error) {
      if (isMissing(error)) return; // removed meanwhile
      throw error;
    }
    const { size } = await file.stat();
    const chunk = Buffer.alloc(2 ** 16);
    let [start, end] = [0, 0];
    let at = this.scanned.get(name) ?? 0;
    while (at + headerLength <= size) {
      if (at + headerLength > end) {
        const { bytesRead } = await file.read(chunk, 0, chunk.length, at);
        [start, end] = [at, at + bytesRead];
      }
      const found = decodeHeader(chunk.subarray(0, end - start), at - start);
      if (found === undefined || at + headerLength + found.byteLength > size) break;
      const { digest, type, shape, byteLength, checksum } = found;
      if (type === this.dtype)
        this.entries.set(digest, { shard: name, position: at + headerLength, shape, byteLength, checksum });
      at += headerLength + byteLength;
    }
    this.scanned.set(name, at);
  }

  private failure(verb: string, error: unknown): DatasetError {
    return new DatasetError(
      `cannot ${verb} the feature cache ${this.directory} (${reasonOf(error)})`,
      'free some room, correct its permissions, or choose another folder',
      { cause: error },
    );
  }
}
