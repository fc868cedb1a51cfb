import { resolve } from 'node:path';
import { crc32, inflateRawSync } from 'node:zlib';
import { refuseCapture } from '../core/capturing.js';
import type { DType } from '../core/dtype.js';
import { run } from '../core/run.js';
import { formatShape, sizeOf } from '../core/shape.js';
import { empty, type Tensor } from '../core/tensor.js';
import type { CheckpointErrorMaker } from './checkpoint-error.js';
import { OpenFile } from './open-file.js';
import { convertCode, loadedType, type StoredTensor, storedBytes } from './stored-type.js';
import { elementsSpanned, gatherElements, selectRows } from './strides.js';

/** How a tensor is loaded. */
export interface LoadOptions {
  /** The type on the device; by default float32 for float types, int32 for integers, uint8 for uint8 and bool. */
  readonly dtype?: DType;
  /** Only entries [begin, end) of the first axis; all by default. */
  readonly rows?: readonly [begin: number, end: number];
}

/** Where a tensor is, for messages and for reading. */
export interface TensorPlace {
  readonly path: string;
  readonly name: string;
  readonly error: CheckpointErrorMaker;
}

/** Reads a stored tensor into device memory and converts it there where its type is not the one wanted. */
export function loadTensor(place: TensorPlace, whole: StoredTensor, options: LoadOptions): Tensor {
  const stored = options.rows ? checkedRows(place, whole, options.rows) : whole;
  const natural = loadedType.get(stored.dtype);
  if (natural === undefined) {
    throw place.error(
      place.path,
      place.name,
      `${stored.dtype} ${formatShape(stored.shape)} cannot be loaded; only ${[...loadedType.keys()].join(', ')} can`,
    );
  }
  const dtype = options.dtype ?? natural;
  const result = empty(stored.shape, dtype);
  if (result.size === 0) return result;
  if (dtype === stored.dtype || (dtype === 'uint8' && stored.dtype === 'bool')) {
    readElements(result, place, stored);
    return result;
  }
  const raw = empty([result.size * storedBytes[stored.dtype]], 'uint8');
  readElements(raw, place, stored);
  run('convert', [raw, result], [result.size, convertCode[stored.dtype]!, convertCode[dtype]!]);
  raw.dispose();
  return result;
}

function checkedRows(
  { path, name, error }: TensorPlace,
  stored: StoredTensor,
  [begin, end]: readonly [number, number],
): StoredTensor {
  const rows = stored.shape[0] ?? 0;
  if (!Number.isInteger(begin) || !Number.isInteger(end) || begin < 0 || end < begin || end > rows) {
    throw error(
      path,
      name,
      `rows ${begin} to ${end} do not exist; the shape is ${formatShape(stored.shape)}`,
    );
  }
  return selectRows(stored, begin, end);
}

/** Fills `target` with the elements in row-major order, as they are in the file. */
function readElements(target: Tensor, place: TensorPlace, stored: StoredTensor): void {
  const { strides, shape, dtype } = stored;
  if (!strides) {
    readBytes(target, sizeOf(shape) * storedBytes[dtype], place, stored);
    return;
  }
  const spanned = elementsSpanned(shape, strides) * storedBytes[dtype];
  const span = empty([spanned], 'uint8');
  readBytes(span, spanned, place, stored);
  gatherElements(span, target, shape, strides, storedBytes[dtype]);
  span.dispose();
}

function readBytes(target: Tensor, bytes: number, place: TensorPlace, stored: StoredTensor): void {
  refuseCapture('load', 'every replay would read the file again; load weights before');
  const { device, handle } = target.storage(place.name);
  const { begin, deflated } = stored;
  if (!deflated) device.native.readFile(handle, target.byteOffset, resolve(place.path), begin, bytes);
  else
    device.native.write(
      handle,
      target.byteOffset,
      inflate(place, stored).subarray(deflated.skip, deflated.skip + bytes),
    );
}

/** The whole part of the file that the tensor is in. */
function inflate({ path, name, error }: TensorPlace, { begin, end, deflated }: StoredTensor): Buffer {
  const packed = OpenFile.use(path, error, (file) => file.read(begin, end - begin));
  let bytes: Buffer;
  try {
    bytes = inflateRawSync(packed, { maxOutputLength: Math.max(1, deflated!.bytes) });
  } catch (cause) {
    throw error(path, name, `cannot be inflated (${(cause as Error).message}); the file is damaged`, cause);
  }
  if (bytes.length !== deflated!.bytes || crc32(bytes) !== deflated!.crc32) {
    throw error(path, name, `inflates to other bytes than its checksum says; the file is damaged`);
  }
  return bytes;
}
