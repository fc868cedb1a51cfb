import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { Shape } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { type LoadOptions, loadTensor } from './load-tensor.js';
import { parseHeader } from './parse-header.js';
import { safetensorsError } from './safetensors-error.js';
import type { StoredTensor } from './stored-type.js';

/** A larger header is refused: that of a checkpoint with a hundred thousand tensors takes about 15 MB. */
const maxHeaderBytes = 25_000_000;

/** Tensors that can be loaded one by one: of one file, or of all shards of a checkpoint. */
export interface TensorSource {
  /** The file or folder, for messages. */
  readonly path: string;
  /** What is there by name, in the order of the bytes. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** The `__metadata__` of the file, or of a checkpoint's first shard. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Paths of the files that were opened. */
  readonly files: readonly string[];
  has(name: string): boolean;
  /** The shape of a tensor, which must exist. */
  shape(name: string): Shape;
  /**
   * Reads a tensor into device memory; the work is queued, so an unreadable file rejects the next wait.
   *
   * @param options.dtype float types become float32 and int64 becomes int32 unless this says otherwise.
   */
  load(name: string, options?: LoadOptions): Tensor;
}

/** An open-and-shut safetensors file: only its header is in memory. */
export class SafetensorsFile implements TensorSource {
  readonly path: string;
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly metadata: Readonly<Record<string, string>>;

  /** Use `readSafetensors`. */
  constructor(
    path: string,
    tensors: ReadonlyMap<string, StoredTensor>,
    metadata: Readonly<Record<string, string>>,
  ) {
    this.path = path;
    this.tensors = tensors;
    this.metadata = metadata;
  }

  get files(): readonly string[] {
    return [this.path];
  }

  has(name: string): boolean {
    return this.tensors.has(name);
  }

  shape(name: string): Shape {
    return this.#find(name).shape;
  }

  load(name: string, options: LoadOptions = {}): Tensor {
    return loadTensor(this.path, name, this.#find(name), options);
  }

  #find(name: string): StoredTensor {
    const stored = this.tensors.get(name);
    if (stored) return stored;
    throw safetensorsError(
      this.path,
      name,
      `no tensor of this name; the file has ${listNames(this.tensors)}`,
    );
  }
}

/**
 * Reads and checks the header of a safetensors file. What does not hold (a truncated file, offsets that overlap or lie
 * outside, sizes that differ from type and shape, broken JSON) is an `OcelliError` that names the file and the tensor.
 * The file may hold no more than 25 MB of header.
 */
export function readSafetensors(path: string): SafetensorsFile {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    throw safetensorsError(path, null, `cannot be opened (${(error as Error).message})`, error);
  }
  try {
    return readHeader(path, file);
  } finally {
    closeSync(file);
  }
}

function readHeader(path: string, file: number): SafetensorsFile {
  const status = fstatSync(file);
  if (!status.isFile()) throw safetensorsError(path, null, `is not a file`);
  if (status.size < 8) {
    throw safetensorsError(
      path,
      null,
      `has only ${status.size} bytes; a safetensors file begins with 8 for its header's size`,
    );
  }
  const headerBytes = Number(readBytes(path, file, 0, 8).readBigUInt64LE());
  if (headerBytes > maxHeaderBytes) {
    throw safetensorsError(
      path,
      null,
      `claims a header of ${headerBytes} bytes, more than the ${maxHeaderBytes} allowed; this is not a safetensors file`,
    );
  }
  if (headerBytes > status.size - 8) {
    throw safetensorsError(
      path,
      null,
      `claims a header of ${headerBytes} bytes, but has only ${status.size}; it was not written or copied completely`,
    );
  }
  const header = readBytes(path, file, 8, headerBytes);
  const { tensors, metadata } = parseHeader(path, header, 8 + headerBytes, status.size);
  return new SafetensorsFile(path, tensors, metadata);
}

/** Exactly these bytes of an open file. */
export function readBytes(path: string, file: number, begin: number, bytes: number): Buffer {
  const target = Buffer.allocUnsafeSlow(bytes);
  for (let done = 0; done < bytes; ) {
    const read = readSync(file, target, done, Math.min(bytes - done, 2 ** 30), begin + done);
    if (read === 0)
      throw safetensorsError(path, null, `ends before byte ${begin + bytes}; it changed while being read`);
    done += read;
  }
  return target;
}

/** `3 tensors: a, b, c` for messages. */
export function listNames(tensors: ReadonlyMap<string, unknown>): string {
  const names = [...tensors.keys()];
  const shown = names.slice(0, 12).join(', ').slice(0, 1000);
  return `${names.length} tensors${names.length ? `: ${shown}` : ''}${names.length > 12 ? ', ...' : ''}`;
}
