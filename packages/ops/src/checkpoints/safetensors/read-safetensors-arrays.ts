import { safetensorsError } from '../checkpoint-error.js';
import { OpenFile } from '../open-file.js';
import type { StoredTensor, StoredType } from '../stored-type.js';
import { decodeBFloat16, decodeFloat16 } from './decode-half.js';
import { readSafetensors } from './read-safetensors.js';

/** What the elements of a stored type become in JavaScript. */
export type HostData =
  | Float64Array
  | Float32Array
  | Int32Array
  | Int16Array
  | Int8Array
  | Uint32Array
  | Uint16Array
  | Uint8Array;

/** A tensor of a file in JavaScript's memory. */
export interface HostArray {
  /** The type in the file. */
  readonly dtype: StoredType;
  readonly shape: readonly number[];
  /** Half types as Float32Array, int64 as Int32Array, bool as Uint8Array, the others as they are. */
  readonly data: HostData;
}

/**
 * Reads a whole file into JavaScript's memory, without the device: for fixtures and small files. An int64 value outside
 * of int32 is an error, and so are types that JavaScript has no numbers for (uint64, complex64, float8).
 */
export function readSafetensorsArrays(path: string): Map<string, HostArray> {
  const { tensors } = readSafetensors(path);
  return OpenFile.use(path, safetensorsError, (file) => {
    return new Map(
      [...tensors].map(([name, stored]) => {
        const { buffer } = file.read(stored.begin, stored.end - stored.begin);
        return [name, { dtype: stored.dtype, shape: stored.shape, data: decode(path, name, stored, buffer) }];
      }),
    );
  });
}

function decode(path: string, name: string, { dtype }: StoredTensor, buffer: ArrayBufferLike): HostData {
  switch (dtype) {
    case 'float64':
      return new Float64Array(buffer);
    case 'float32':
      return new Float32Array(buffer);
    case 'float16':
      return Float32Array.from(new Uint16Array(buffer), decodeFloat16);
    case 'bfloat16':
      return decodeBFloat16(new Uint16Array(buffer));
    case 'int64':
      return Int32Array.from(new BigInt64Array(buffer), (value) => {
        if (BigInt.asIntN(32, value) !== value)
          throw safetensorsError(path, name, `${value} does not fit in int32`);
        return Number(value);
      });
    case 'int32':
      return new Int32Array(buffer);
    case 'int16':
      return new Int16Array(buffer);
    case 'int8':
      return new Int8Array(buffer);
    case 'uint32':
      return new Uint32Array(buffer);
    case 'uint16':
      return new Uint16Array(buffer);
    case 'uint8':
    case 'bool':
      return new Uint8Array(buffer);
    default:
      throw safetensorsError(path, name, `${dtype} cannot be read into JavaScript numbers`);
  }
}
