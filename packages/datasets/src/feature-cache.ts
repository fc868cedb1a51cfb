import { randomBytes } from 'node:crypto';
import { access, constants, type FileHandle, mkdir, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { DatasetError, reasonOf } from './dataset-error.js';
import { decodeHeader, digestOf, encodeRecord, headerLength } from './feature-record.js';
import { type FeatureEntry, runsOf } from './feature-runs.js';

/** Features of one picture. */
export interface Features {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

const suffix = '.features';

/**
 * Features on disk. A folder holds shards, files that are only ever appended to; each process appends to a shard of its
 * own, so several may share a folder. Headers are verified when a shard is read, values when they are fetched: a record
 * that was cut off by a kill, or damaged, is never seen, and its features are simply computed again.
 */
export class FeatureCache implements AsyncDisposable {
  readonly directory: string;
  private readonly entries = new Map<string, FeatureEntry>();
  private readonly readers = new Map<string, Promise<FileHandle>>();
  /** How far each shard has been read. */
  private readonly scanned = new Map<string, number>();
  private writer: { name: string; file: FileHandle; end: number } | undefined;
  private readonly queue: { digest: string; record: Buffer; shape: readonly number[] }[] = [];
  /** What is queued goes with it; undefined once it has begun. */
  private nextWrite: Promise<void> | undefined;
  private lastWrite: Promise<void> = Promise.resolve();

  private constructor(directory: string) {
    this.directory = directory;
  }

  /**
   * Opens the cache in a folder, which is made where it is not there. Takes the time to read 80 bytes a record.
   * @throws {DatasetError} when the folder cannot be made, read or written.
   */
  static async open(directory: string): Promise<FeatureCache> {
    const cache = new FeatureCache(directory);
    try {
      await mkdir(directory, { recursive: true });
      await access(directory, constants.R_OK | constants.W_OK);
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
    return this.entries.has(digestOf(key));
  }

  /** Takes in what other processes have written since. */
  async refresh(): Promise<void> {
    try {
      for (const name of (await readdir(this.directory)).sort()) {
        if (name.endsWith(suffix) && name !== this.writer?.name) await this.scan(name);
      }
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
      const digest = digestOf(key);
      const entry = this.entries.get(digest);
      if (entry !== undefined) wanted.push({ index, digest, entry });
    }
    try {
      for (const run of runsOf(wanted)) {
        const { shard, position } = run[0]!.entry;
        const last = run.at(-1)!.entry;
        const bytes = Buffer.allocUnsafe(last.position + last.byteLength - position);
        await (await this.reader(shard)).read(bytes, 0, bytes.length, position);
        for (const { index, digest, entry } of run) {
          const from = entry.position - position;
          const values = bytes.subarray(from, from + entry.byteLength);
          if (crc32(values) === entry.checksum) {
            const data = new Float32Array(entry.byteLength / 4);
            new Uint8Array(data.buffer).set(values);
            result[index] = { data, shape: entry.shape };
          } else {
            this.entries.delete(digest);
          }
        }
      }
    } catch (error) {
      throw this.failure('read', error);
    }
    return result;
  }

  /**
   * Keeps features under a key; a key that is there already is left as it is. Resolves when the record has been handed
   * to the operating system.
   *
   * @throws {DatasetError} when the shape does not fit the array, or the disk is full or unwritable.
   */
  async put(key: string, data: Float32Array, shape: readonly number[]): Promise<void> {
    const length = shape.reduce((product, size) => product * size, 1);
    if (shape.length < 1 || shape.length > 8 || length !== data.length || length === 0) {
      throw new DatasetError(
        `features of shape [${shape.join(', ')}] cannot have ${data.length} values`,
        'give one to eight dimensions whose product is the length of the array',
      );
    }
    const digest = digestOf(key);
    if (this.entries.has(digest)) return;
    this.queue.push({ digest, record: encodeRecord(digest, data, shape), shape: [...shape] });
    // Whatever has been queued by the time that the disk is free is written together.
    this.nextWrite ??= this.lastWrite.then(() => {
      this.nextWrite = undefined;
      return this.flush();
    });
    const write = this.nextWrite;
    this.lastWrite = write.catch(() => undefined);
    await write;
  }

  /** Waits for what is being written and closes the files. */
  async close(): Promise<void> {
    await this.lastWrite;
    await this.writer?.file.close();
    this.writer = undefined;
    for (const reader of this.readers.values()) await (await reader).close();
    this.readers.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  private async flush(): Promise<void> {
    const taken = new Set<string>();
    const queued = this.queue.splice(0).filter(({ digest }) => {
      const isNew = !taken.has(digest) && !this.entries.has(digest);
      taken.add(digest);
      return isNew;
    });
    if (queued.length === 0) return;
    const bytes = Buffer.concat(queued.map(({ record }) => record));
    try {
      this.writer ??= await this.newShard();
      const { name, file, end } = this.writer;
      for (let done = 0; done < bytes.length; ) {
        const { bytesWritten } = await file.write(bytes, done, bytes.length - done, end + done);
        done += bytesWritten;
      }
      let position = end;
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
      this.writer.end = position;
    } catch (error) {
      // What stands after a torn record is never found, so the next record goes to a new shard.
      await this.writer?.file.close().catch(() => undefined);
      this.writer = undefined;
      throw this.failure('write to', error);
    }
  }

  private async newShard() {
    const name = `${Date.now().toString(36)}-${process.pid}-${randomBytes(4).toString('hex')}${suffix}`;
    return { name, file: await open(join(this.directory, name), 'wx'), end: 0 };
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

  /**
   * Reads the headers of a shard from where it was left, up to the first record that is not whole. A later record of the
   * same key wins: it was written because the earlier one was damaged.
   */
  private async scan(name: string): Promise<void> {
    const file = await this.reader(name);
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
      const { digest, shape, byteLength, checksum } = found;
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
