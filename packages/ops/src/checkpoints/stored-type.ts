import type { DType } from '../core/dtype.js';

/** Element types of safetensors files that have whole bytes, under the names that Ocelli and PyTorch use. */
export type StoredType =
  | 'float64'
  | 'float32'
  | 'float16'
  | 'bfloat16'
  | 'float8_e4m3'
  | 'float8_e5m2'
  | 'float8_e8m0'
  | 'complex64'
  | 'int64'
  | 'int32'
  | 'int16'
  | 'int8'
  | 'uint64'
  | 'uint32'
  | 'uint16'
  | 'uint8'
  | 'bool';

/** Of one element, in a file. */
export const storedBytes: Readonly<Record<StoredType, number>> = {
  float64: 8,
  float32: 4,
  float16: 2,
  bfloat16: 2,
  float8_e4m3: 1,
  float8_e5m2: 1,
  float8_e8m0: 1,
  complex64: 8,
  int64: 8,
  int32: 4,
  int16: 2,
  int8: 1,
  uint64: 8,
  uint32: 4,
  uint16: 2,
  uint8: 1,
  bool: 1,
};

/** A compressed part of a file, of which a tensor is the end. */
export interface Deflated {
  /** Of the whole part when inflated. */
  readonly bytes: number;
  /** How many of these stand before the tensor. */
  readonly skip: number;
  /** Of the whole part when inflated. */
  readonly crc32: number;
}

/** A tensor as it lies in a file. */
export interface StoredTensor {
  readonly dtype: StoredType;
  readonly shape: readonly number[];
  /** First byte in the file. */
  readonly begin: number;
  /** The byte after the last one. */
  readonly end: number;
  /** How far apart neighbours along each axis lie, in elements, where that is not row-major without gaps. */
  readonly strides?: readonly number[];
  /** Where the bytes are deflated (an `.npz` of `savez_compressed`): `begin` and `end` then enclose the compressed ones. */
  readonly deflated?: Deflated;
}

/** What a stored type becomes on the device unless the caller wants another; types that are absent cannot be loaded. */
export const loadedType: ReadonlyMap<StoredType, DType> = new Map<StoredType, DType>([
  ['float64', 'float32'],
  ['float32', 'float32'],
  ['float16', 'float32'],
  ['bfloat16', 'float32'],
  ['int64', 'int32'],
  ['int32', 'int32'],
  ['uint8', 'uint8'],
  ['bool', 'uint8'],
]);

/** The `convert` kernel's numbers of types (native/src/cpu/convert.cpp). */
export const convertCode: Readonly<Partial<Record<StoredType, number>>> = {
  float32: 0,
  bfloat16: 1,
  float16: 2,
  int32: 3,
  uint8: 4,
  bool: 4,
  int64: 5,
  float64: 6,
};
