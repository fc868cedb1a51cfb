import { resolve } from 'node:path';
import type { DType } from '../core/dtype.js';
import { native } from '../core/native.js';
import { run } from '../core/run.js';
import { formatShape } from '../core/shape.js';
import { empty, type Tensor } from '../core/tensor.js';
import { safetensorsError } from './safetensors-error.js';
import { convertCode, loadedType, type StoredTensor } from './stored-type.js';

/** How a tensor is loaded. */
export interface LoadOptions {
  /** The type on the device; by default float32 for float types, int32 for integers, uint8 for uint8 and bool. */
  readonly dtype?: DType;
}

/** Reads a stored tensor into device memory and converts it there where its type is not the one wanted. */
export function loadTensor(path: string, name: string, stored: StoredTensor, options: LoadOptions): Tensor {
  const natural = loadedType.get(stored.dtype);
  if (natural === undefined) {
    throw safetensorsError(
      path,
      name,
      `${stored.dtype} ${formatShape(stored.shape)} cannot be loaded; only ${[...loadedType.keys()].join(', ')} can`,
    );
  }
  const dtype = options.dtype ?? natural;
  if (dtype === stored.dtype || (dtype === 'uint8' && stored.dtype === 'bool')) {
    const result = empty(stored.shape, dtype);
    readInto(result, path, stored);
    return result;
  }
  const result = empty(stored.shape, dtype);
  const raw = empty([stored.end - stored.begin], 'uint8');
  readInto(raw, path, stored);
  run('convert', [raw, result], [result.size, convertCode[stored.dtype]!, convertCode[dtype]!]);
  raw.dispose();
  return result;
}

function readInto(target: Tensor, path: string, { begin, end }: StoredTensor): void {
  if (end > begin) {
    native.readFile(
      target.storage('safetensors').handle,
      target.byteOffset,
      resolve(path),
      begin,
      end - begin,
    );
  }
}
