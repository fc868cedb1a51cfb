/** What one call of a kernel has to do at least, from its sizes: no caches, every operand once. */
export interface KernelWork {
  /** Additions and multiplications, one product counted once, however many the tensor cores make of it. */
  readonly operations: number;
  /** Bytes between the GPU and its memory. */
  readonly bytes: number;
  /** Which arithmetic: matrix products, or numbers one by one in float32. */
  readonly unit: 'products' | 'numbers';
  /** Bytes of a weight's number in memory; 4 where both operands are float32. */
  readonly weightBytes?: number;
}

/** Bytes of a number by WeightFormat of native/src/cpu/weight_format.h; 4 bits have a float32 factor for every 64. */
const weightBytes: Readonly<Record<number, number>> = {
  '-1': 4,
  0: 4,
  1: 2,
  2: 1,
  3: 2,
  4: 0.5 + 4 / 64,
  5: 0.5 + 4 / 64,
};
/** Bytes by the numbers of `convert`'s types. */
const typeBytes = [4, 2, 2, 4, 1, 8, 8];

type Sizes = readonly number[];
const numbers = (bytes: number, operations: number): KernelWork => ({ bytes, operations, unit: 'numbers' });
const products = (bytes: number, operations: number, width?: number): KernelWork => ({
  bytes,
  operations,
  unit: 'products',
  ...(width === undefined ? {} : { weightBytes: width }),
});

/** `arrays` float32 arrays of the product of the first `axes` sizes, with so many operations a number. */
const arrays =
  (count: number, operations: number, axes: number) =>
  (sizes: Sizes): KernelWork => {
    const elements = sizes.slice(0, axes).reduce((product, size) => product * size, 1);
    return numbers(4 * count * elements, operations * elements);
  };

const sum = (sizes: Sizes): number => sizes.reduce((total, size) => total + size, 0);

function linear([rows, inputs, outputs, format]: Sizes): KernelWork {
  const width = weightBytes[format!]!;
  const bytes = 4 * rows! * (inputs! + outputs!) + width * inputs! * outputs!;
  return products(bytes, 2 * rows! * inputs! * outputs!, width);
}

/** Pairs of a query and a key that it sees. */
function pairs(queries: number, keys: number, causal: boolean, fullRows: number): number {
  if (!causal) return queries * keys;
  let seen = 0;
  for (let i = 0; i < queries; i++)
    seen += i < fullRows ? keys : Math.max(0, Math.min(keys, i + 1 + keys - queries));
  return seen;
}

/** The forward pass has two products and four arrays, the backward pass five and eight. */
const attention =
  (count: number, ofQueries: number, ofKeys: number) =>
  (sizes: Sizes): KernelWork => {
    const [batch, queries, keys, heads, keyValueHeads, headSize] = sizes as number[];
    const seen = pairs(queries!, keys!, sizes[10] !== 0, sizes[11]!);
    const bytes = 4 * batch! * headSize! * (ofQueries * queries! * heads! + ofKeys * keys! * keyValueHeads!);
    return products(bytes, 2 * count * batch! * heads! * seen * headSize!);
  };

function patches([
  batch,
  channels,
  height,
  width,
  sizeY,
  sizeX,
  strideY,
  strideX,
  padY,
  padX,
]: Sizes): KernelWork {
  const along = (extent: number, size: number, stride: number, padding: number): number =>
    Math.floor((extent + 2 * padding - size) / stride) + 1;
  const tiles = along(height!, sizeY!, strideY!, padY!) * along(width!, sizeX!, strideX!, padX!);
  const moved = batch! * channels! * (height! * width! + tiles * sizeY! * sizeX!);
  return numbers(4 * moved, 0);
}

const table: Readonly<Record<string, (sizes: Sizes) => KernelWork>> = {
  linear_pack: ([outputs, inputs, format]) => numbers((4 + weightBytes[format!]!) * outputs! * inputs!, 0),
  linear_packed: linear,
  linear_packed_backward: linear,
  activation_gradient: arrays(3, 10, 2),
  matmul: ([rows, inner, columns]) =>
    products(4 * (rows! * inner! + inner! * columns! + rows! * columns!), 2 * rows! * inner! * columns!),
  layer_norm: arrays(2, 7, 2),
  layer_norm_backward: arrays(3, 12, 2),
  rms_norm: arrays(2, 4, 2),
  rms_norm_backward: arrays(3, 8, 2),
  activation: arrays(2, 10, 1),
  activation_backward: arrays(3, 12, 1),
  relu: arrays(2, 1, 1),
  softmax: arrays(2, 4, 2),
  softmax_backward: arrays(3, 4, 2),
  log_softmax: arrays(2, 4, 2),
  log_softmax_backward: arrays(3, 4, 2),
  cross_entropy: arrays(1, 3, 2),
  cross_entropy_backward: arrays(2, 4, 2),
  count_targets: arrays(1, 1, 1),
  // With the gradient of its input, as in training: the weight is read once, and multiplied twice.
  linear_cross_entropy: ([rows, width, classes, format]) => {
    const each = weightBytes[format!]!;
    return products(8 * rows! * width! + each * width! * classes!, 4 * rows! * width! * classes!, each);
  },
  linear_cross_entropy_backward_weight: ([rows, width, classes]) =>
    products(4 * rows! * width! + 8 * width! * classes!, 4 * rows! * width! * classes!),
  embedding: arrays(2, 0, 2),
  embedding_backward: ([count, width, vocabulary]) =>
    numbers(4 * width! * (count! + vocabulary!), count! * width!),
  scatter_rows: arrays(2, 0, 2),
  embedding_packed: ([count, width, , format]) => numbers((4 + weightBytes[format!]!) * count! * width!, 0),
  rotary: arrays(2, 6, 3),
  fbank: ([frames, hop, , length, bands]) =>
    numbers(4 * frames! * (hop! + bands!), frames! * (2.5 * length! * Math.log2(length!) + bands! * length!)),
  binary: arrays(2, 1, 3),
  expand: arrays(1, 1, 3),
  scale_add: arrays(3, 3, 1),
  accumulate: arrays(3, 1, 1),
  reduce_sum: arrays(1, 1, 3),
  copy_blocks: (sizes) => numbers(2 * sizes[0]! * sizes[1]! * sizes[6]!, 0),
  arrange_rows: arrays(2, 0, 2),
  write_rows: ([batch, bytes]) => numbers(2 * batch! * bytes!, 0),
  fill: ([count, bytes]) => numbers(count! * bytes!, 0),
  transpose_matrices: arrays(2, 0, 3),
  patchify: patches,
  patchify_backward: patches,
  dropout: arrays(2, 10, 1),
  random_bits: arrays(1, 10, 1),
  adamw: (scalars) => numbers(28 * sum(scalars.slice(4)), 14 * sum(scalars.slice(4))),
  sum_of_squares: (sizes) => numbers(4 * sum(sizes), 2 * sum(sizes)),
  clip_coefficient: () => numbers(8, 3),
  convert: ([count, from, to]) => numbers(count! * (typeBytes[from!]! + typeBytes[to!]!), 0),
  attention: attention(2, 2, 2),
  attention_backward: attention(5, 4, 4),
};

/** What a call has to do at least; null for what is no kernel (`write`, `read`). */
export function kernelWork(kernel: string, scalars: readonly number[]): KernelWork | null {
  return table[kernel]?.(scalars) ?? null;
}
