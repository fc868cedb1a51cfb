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

/** By the name in the file's header. */
export const storedTypes: ReadonlyMap<string, { readonly type: StoredType; readonly bytes: number }> =
  new Map([
    ['F64', { type: 'float64', bytes: 8 }],
    ['F32', { type: 'float32', bytes: 4 }],
    ['F16', { type: 'float16', bytes: 2 }],
    ['BF16', { type: 'bfloat16', bytes: 2 }],
    ['F8_E4M3', { type: 'float8_e4m3', bytes: 1 }],
    ['F8_E5M2', { type: 'float8_e5m2', bytes: 1 }],
    ['F8_E8M0', { type: 'float8_e8m0', bytes: 1 }],
    ['C64', { type: 'complex64', bytes: 8 }],
    ['I64', { type: 'int64', bytes: 8 }],
    ['I32', { type: 'int32', bytes: 4 }],
    ['I16', { type: 'int16', bytes: 2 }],
    ['I8', { type: 'int8', bytes: 1 }],
    ['U64', { type: 'uint64', bytes: 8 }],
    ['U32', { type: 'uint32', bytes: 4 }],
    ['U16', { type: 'uint16', bytes: 2 }],
    ['U8', { type: 'uint8', bytes: 1 }],
    ['BOOL', { type: 'bool', bytes: 1 }],
  ]);

/** A tensor as it lies in a file. */
export interface StoredTensor {
  readonly dtype: StoredType;
  readonly shape: readonly number[];
  /** First byte in the file. */
  readonly begin: number;
  /** The byte after the last one. */
  readonly end: number;
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
