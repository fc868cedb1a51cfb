import type { FileHandle } from 'node:fs/promises';
import { bytesPerElement, type DType, type TypedArray } from '../../core/dtype.js';
import { run } from '../../core/run.js';
import { empty, type Tensor } from '../../core/tensor.js';
import { safetensorsError } from '../checkpoint-error.js';
import { convertCode } from '../stored-type.js';
import { writeAtomically } from '../write-atomically.js';

/** How tensors are written. */
export interface WriteSafetensorsOptions {
  /** Strings by name, for the header's `__metadata__`; transformers wants `{ format: 'pt' }`. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Type of float tensors in the file; that of each tensor by default. int32 and uint8 are never converted. */
  readonly dtype?: 'float32' | 'bfloat16' | 'float16';
}

const headerName: Record<DType, string> = {
  float32: 'F32',
  bfloat16: 'BF16',
  float16: 'F16',
  int32: 'I32',
  uint8: 'U8',
};
/** The order of types in a file, wide ones first, so that every tensor is aligned; that of the Rust library. */
const typeOrder: readonly DType[] = ['float32', 'int32', 'bfloat16', 'float16', 'uint8'];

interface Entry {
  readonly name: string;
  readonly nameBytes: Buffer;
  readonly tensor: Tensor;
  readonly dtype: DType;
}

/**
 * Writes tensors to a safetensors file, as they are at the time of the call: the copies out of device memory are queued
 * before this returns its promise. The file appears under its name only when it is complete and on disk. The same
 * tensors give the same bytes, those that Python's `safetensors` writes.
 */
export async function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, Tensor>,
  options: WriteSafetensorsOptions = {},
): Promise<void> {
  const entries = order(path, tensors, options);
  const header = makeHeader(path, entries, options.metadata);
  const contents = await Promise.all(entries.map(copyOut));
  try {
    await writeAtomically(path, async (file) => {
      await writeAll(file, header);
      for (const { buffer, byteOffset, byteLength } of contents) {
        await writeAll(file, new Uint8Array(buffer, byteOffset, byteLength));
      }
    });
  } catch (error) {
    throw safetensorsError(path, null, `cannot be written (${(error as Error).message})`, error);
  }
}

function order(
  path: string,
  tensors: ReadonlyMap<string, Tensor>,
  options: WriteSafetensorsOptions,
): Entry[] {
  const entries = [...tensors].map(([name, tensor]): Entry => {
    if (name === '__metadata__') throw safetensorsError(path, name, `the name is reserved; choose another`);
    const isFloat = tensor.dtype !== 'int32' && tensor.dtype !== 'uint8';
    const dtype = isFloat ? (options.dtype ?? tensor.dtype) : tensor.dtype;
    return { name, nameBytes: Buffer.from(name), tensor, dtype };
  });
  return entries.sort(
    (a, b) =>
      typeOrder.indexOf(a.dtype) - typeOrder.indexOf(b.dtype) || Buffer.compare(a.nameBytes, b.nameBytes),
  );
}

function makeHeader(
  path: string,
  entries: readonly Entry[],
  metadata: WriteSafetensorsOptions['metadata'],
): Buffer {
  const fields: string[] = [];
  if (metadata) {
    for (const [name, value] of Object.entries(metadata)) {
      if (typeof value !== 'string')
        throw safetensorsError(path, null, `metadata ${name} must be a string, got ${typeof value}`);
    }
    const sorted = Object.fromEntries(Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1)));
    fields.push(`"__metadata__":${JSON.stringify(sorted)}`);
  }
  let begin = 0;
  for (const { name, tensor, dtype } of entries) {
    const end = begin + tensor.size * bytesPerElement[dtype];
    const value = { dtype: headerName[dtype], shape: tensor.shape, data_offsets: [begin, end] };
    fields.push(`${JSON.stringify(name)}:${JSON.stringify(value)}`);
    begin = end;
  }
  const json = Buffer.from(`{${fields.join(',')}}`);
  const padded = Math.ceil(json.length / 8) * 8;
  const header = Buffer.alloc(8 + padded, ' ');
  header.writeBigUInt64LE(BigInt(padded));
  json.copy(header, 8);
  return header;
}

/** Queues the conversion and the copy. */
function copyOut({ tensor, dtype }: Entry): Promise<TypedArray> {
  if (tensor.dtype === dtype) return tensor.data<DType>();
  const converted = empty(tensor.shape, dtype);
  run('convert', [tensor, converted], [tensor.size, convertCode[tensor.dtype]!, convertCode[dtype]!]);
  const data = converted.data<DType>();
  converted.dispose();
  return data;
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    done += (await file.write(bytes, done, Math.min(bytes.length - done, 2 ** 30))).bytesWritten;
  }
}
