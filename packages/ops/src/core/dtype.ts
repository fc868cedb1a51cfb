/** Element types. `bfloat16`, `float16` are storage types; arithmetic is float32. `uint8` also serves masks. */
export type DType = 'float32' | 'bfloat16' | 'float16' | 'int32' | 'uint8';

export const bytesPerElement: Record<DType, number> = {
  float32: 4,
  bfloat16: 2,
  float16: 2,
  int32: 4,
  uint8: 1,
};

/** What `tensor.data()` gives: half types come as their 16-bit patterns. */
export interface DTypeArrays {
  float32: Float32Array;
  bfloat16: Uint16Array;
  float16: Uint16Array;
  int32: Int32Array;
  uint8: Uint8Array;
}

export type TypedArray = DTypeArrays[DType];

export const arrayConstructor = {
  float32: Float32Array,
  bfloat16: Uint16Array,
  float16: Uint16Array,
  int32: Int32Array,
  uint8: Uint8Array,
} as const;
