import type { StoredType } from '../stored-type.js';
import { rowMajorStrides } from '../strides.js';

/** What stands before the numbers of an `.npy` file. */
export interface NpyHeader {
  readonly dtype: StoredType;
  readonly shape: readonly number[];
  /** For Fortran's order, first axis fastest; absent for C's. */
  readonly strides?: readonly number[];
  /** Of all that stands before the numbers. */
  readonly bytes: number;
}

/** NumPy reads no longer ones either. */
export const maxHeaderBytes = 10_000;

const typeOf: ReadonlyMap<string, StoredType> = new Map([
  ['<f8', 'float64'],
  ['<f4', 'float32'],
  ['<f2', 'float16'],
  ['<c8', 'complex64'],
  ['<i8', 'int64'],
  ['<i4', 'int32'],
  ['<i2', 'int16'],
  ['|i1', 'int8'],
  ['<u8', 'uint64'],
  ['<u4', 'uint32'],
  ['<u2', 'uint16'],
  ['|u1', 'uint8'],
  ['|b1', 'bool'],
]);

const dictionary =
  /^\{ *'descr': *'([^'\\]{1,20})', *'fortran_order': *(True|False), *'shape': *\(((?:\d{1,15}L?, *)*(?:\d{1,15}L?)?)\),? *\} *\n$/;

/**
 * Reads an `.npy` header (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html), versions 1 to 3, in the
 * one form in which NumPy writes it. Nothing is evaluated.
 *
 * @param start the first bytes of the file: all of it, or at least `maxHeaderBytes`.
 * @throws Error with the fact, for the caller to say where.
 */
export function parseNpyHeader(start: Buffer): NpyHeader {
  if (start.length < 10 || start.toString('latin1', 0, 6) !== '\x93NUMPY') {
    throw new Error(`does not begin with "\\x93NUMPY"; it is not an array of NumPy`);
  }
  const version = start[6]!;
  if (version < 1 || version > 3) throw new Error(`is of .npy version ${version}; 1 to 3 are known`);
  const textBegin = version === 1 ? 10 : 12;
  if (start.length < textBegin) throw new Error(`ends within its header`);
  const bytes = textBegin + (version === 1 ? start.readUInt16LE(8) : start.readUInt32LE(8));
  if (bytes > maxHeaderBytes)
    throw new Error(`claims a header of ${bytes} bytes; ${maxHeaderBytes} are allowed`);
  if (bytes > start.length)
    throw new Error(`claims a header of ${bytes} bytes, but has only ${start.length}`);
  const text = start.toString('utf8', textBegin, bytes);
  const match = dictionary.exec(text);
  if (!match) {
    const shown = JSON.stringify(text.trim().slice(0, 200));
    throw new Error(`has the header ${shown}, which is not that of a plain numeric array`);
  }
  const [, descr, order, extents] = match as unknown as [string, string, string, string];
  const dtype = typeOf.get(descr);
  if (!dtype) throw new Error(`has elements ${descr}; only ${[...typeOf.keys()].join(', ')} can be read`);
  const shape = extents
    .split(',')
    .filter((part) => part.trim())
    .map((part) => Number.parseInt(part, 10));
  if (shape.length > 64) throw new Error(`has ${shape.length} axes; 64 are allowed`);
  if (order === 'False') return { dtype, shape, bytes };
  return { dtype, shape, strides: rowMajorStrides([...shape].reverse()).reverse(), bytes };
}
