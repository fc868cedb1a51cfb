// In which types each kernel exists, read from a call's scalars: the rows of the coverage table.

/** WeightFormat of native/src/cpu/weight_format.h; -1 where the weight is not packed. */
const formats = {
  '-1': 'float32, not packed',
  0: 'float32',
  1: 'bfloat16',
  3: 'float16',
  2: 'int8',
  6: 'fp8',
  4: 'nf4',
  5: 'fp4',
};
const packed = ['0', '1', '3', '2', '6', '4', '5'];
/** Types of `convert` (native/src/cpu/convert.cpp); the last two only to read. */
const types = ['float32', 'bfloat16', 'float16', 'int32', 'uint8', 'int64', 'float64'];
const elementBytes = (bytes) => `${bytes}-byte elements`;

const byFormat = (index, keys = packed) => ({
  rows: keys.map((key) => formats[key]),
  rowOf: (scalars) => formats[scalars[index]],
});
const byBytes = (index, sizes) => ({
  rows: sizes.map(elementBytes),
  rowOf: (scalars) => elementBytes(scalars[index]),
});

const variants = {
  linear_pack: byFormat(2),
  linear_packed: byFormat(3),
  linear_packed_backward: byFormat(3),
  linear_cross_entropy: byFormat(3, ['-1', ...packed]),
  embedding_packed: byFormat(3),
  fill: byBytes(1, [1, 2, 4]),
  copy_blocks: byBytes(6, [1, 2, 4]),
  convert: {
    rows: types.flatMap((from) =>
      types
        .slice(0, 5)
        .filter((to) => to !== from)
        .map((to) => `${from} to ${to}`),
    ),
    rowOf: ([, from, to]) => `${types[from]} to ${types[to]}`,
  },
};

/** The rows of a kernel: one, of float32, where it has no types. */
export const rowsOf = (kernel) => variants[kernel]?.rows ?? ['float32'];
/** The row that a call belongs to. */
export const rowOf = (kernel, scalars) => variants[kernel]?.rowOf(scalars) ?? 'float32';

/** Kernels with products, whose float32 operands enter the tensor cores as Precision (src/cuda/stream.cuh) says. */
export const withPrecision = new Set([
  'linear_packed',
  'linear_packed_backward',
  'matmul',
  'linear_cross_entropy',
  'linear_cross_entropy_backward_weight',
  'attention',
  'attention_backward',
]);
export const precisions = ['float32', 'tf32', 'bfloat16'];
