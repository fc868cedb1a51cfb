import { sizeOf } from '../core/shape.js';
import { arrangeRows } from '../ops/arrange-rows.js';
import { concat, slice } from '../ops/concat.js';
import { type PatchifyOptions, patchify } from '../ops/patchify.js';
import { reshape } from '../ops/reshape.js';
import { transpose } from '../ops/transpose.js';
import { referenceOf } from './reference.js';
import { defineOp, type OpEntry, type Tolerance } from './types.js';

// Moved, not computed with.
const exact: Tolerance = { absolute: 0, relative: 0 };

/** The shape as blocks around an axis. */
function around(
  shape: readonly number[],
  axis: number,
): { at: number; outer: number; middle: number; inner: number } {
  const at = axis < 0 ? axis + shape.length : axis;
  return { at, outer: sizeOf(shape.slice(0, at)), middle: shape[at]!, inner: sizeOf(shape.slice(at + 1)) };
}

const concatOp = defineOp<{ axis: number }>({
  name: 'concat',
  contract: 'tensors that agree but for one axis → joined along it',
  run: (inputs, { axis }) => concat(inputs, axis),
  reference: (inputs, { axis }) => {
    const { at, outer } = around(inputs[0]!.shape, axis);
    const data: number[] = [];
    for (let block = 0; block < outer; block++) {
      for (const { shape, data: from } of inputs) {
        const length = sizeOf(shape.slice(at));
        data.push(...from.subarray(block * length, (block + 1) * length));
      }
    }
    const total = inputs.reduce((sum, { shape }) => sum + shape[at]!, 0);
    return {
      shape: inputs[0]!.shape.map((extent, i) => (i === at ? total : extent)),
      data: Float64Array.from(data),
    };
  },
  cases: [
    { inputs: [{ shape: [3] }, { shape: [5] }], options: { axis: 0 } },
    { inputs: [{ shape: [2, 3] }, { shape: [4, 3] }, { shape: [1, 3] }], options: { axis: 0 } },
    { inputs: [{ shape: [3, 1, 17] }, { shape: [3, 6, 17] }], options: { axis: 1 } },
    { inputs: [{ shape: [5, 7] }, { shape: [5, 2] }], options: { axis: -1 } },
    { inputs: [{ shape: [2, 20000] }, { shape: [2, 3] }], options: { axis: 1 } },
  ],
  tolerance: exact,
  timed: [
    {
      label: '16 x (1 + 64) x 768',
      inputs: [{ shape: [16, 1, 768] }, { shape: [16, 64, 768] }],
      options: { axis: 1 },
      bytes: 8 * 16 * 65 * 768,
    },
  ],
});

const sliceOp = defineOp<{ axis: number; start: number; end: number }>({
  name: 'slice',
  contract: 'x [...], an axis, start, end → the part from start to before end',
  run: ([x], { axis, start, end }) => slice(x!, axis, start, end),
  reference: ([x], { axis, start, end }) => {
    const { at, middle, inner } = around(x!.shape, axis);
    const length = (end - start) * inner;
    const shape = x!.shape.map((extent, i) => (i === at ? end - start : extent));
    return referenceOf(
      shape,
      (index) => x!.data[(Math.floor(index / length) * middle + start) * inner + (index % length)]!,
    );
  },
  cases: [
    { inputs: [{ shape: [7] }], options: { axis: 0, start: 2, end: 5 } },
    { inputs: [{ shape: [4, 6, 19] }], options: { axis: 1, start: 1, end: 2 } },
    { inputs: [{ shape: [5, 9] }], options: { axis: -1, start: 0, end: 3 } },
    { inputs: [{ shape: [3, 4] }], options: { axis: 0, start: 0, end: 3 } },
    { inputs: [{ shape: [2, 30000] }], options: { axis: 1, start: 7, end: 20010 } },
  ],
  tolerance: exact,
  timed: [
    {
      label: '16 x 197 x 768, the first token',
      inputs: [{ shape: [16, 197, 768] }],
      options: { axis: 1, start: 0, end: 1 },
      bytes: 8 * 16 * 768,
    },
  ],
});

const arrangeRowsOp = defineOp<{ ids: readonly number[] }>({
  name: 'arrangeRows',
  contract: 'one or two tensors [..., width], row numbers without repeats → [rows, width]',
  run: ([first, second], { ids }) => arrangeRows(second ? [first!, second] : [first!], Int32Array.from(ids)),
  reference: (inputs, { ids }) => {
    const width = inputs[0]!.shape.at(-1)!;
    const data = inputs.flatMap((input) => [...input.data]);
    return referenceOf(
      [ids.length, width],
      (index) => data[ids[Math.floor(index / width)]! * width + (index % width)]!,
    );
  },
  cases: [
    { inputs: [{ shape: [1, 1] }], options: { ids: [0] } },
    { inputs: [{ shape: [5, 3] }], options: { ids: [4, 0, 2] } },
    { inputs: [{ shape: [2, 3, 17] }, { shape: [2, 1, 17] }], options: { ids: [6, 0, 1, 2, 7, 3, 4, 5] } },
    { inputs: [{ shape: [3, 8] }, { shape: [4, 8] }], options: { ids: [5, 3] } },
    {
      inputs: [{ shape: [300, 200] }],
      options: { ids: Array.from({ length: 290 }, (_, i) => (i * 7) % 300) },
    },
  ],
  tolerance: exact,
  timed: [
    {
      label: 'a row before each of 16 x 64, of 768',
      inputs: [{ shape: [16, 1, 768] }, { shape: [16, 64, 768] }],
      options: {
        ids: Array.from({ length: 16 * 65 }, (_, i) => (i % 65 === 0 ? i / 65 : 15 + i - Math.floor(i / 65))),
      },
      bytes: 8 * 16 * 65 * 768,
    },
  ],
});

const transposeOp = defineOp<Record<string, never>>({
  name: 'transpose',
  contract: 'x [..., rows, columns] → [..., columns, rows]',
  run: ([x]) => transpose(x!),
  reference: ([x]) => {
    const [rows, columns] = x!.shape.slice(-2) as [number, number];
    return referenceOf([...x!.shape.slice(0, -2), columns, rows], (index) => {
      const matrix = Math.floor(index / (rows * columns)) * rows * columns;
      return x!.data[matrix + (index % rows) * columns + (Math.floor(index / rows) % columns)]!;
    });
  },
  cases: [
    [1, 1],
    [5, 7],
    [3, 16, 32],
    [2, 65, 130],
    [2, 3, 1, 9],
  ].map((shape) => ({ inputs: [{ shape }], options: {} })),
  tolerance: exact,
  timed: [{ label: '1024 x 768', inputs: [{ shape: [1024, 768] }], options: {}, bytes: 8 * 1024 * 768 }],
});

type PatchifyCase = Required<{ [Key in keyof PatchifyOptions]: [number, number] }> & {
  size: [number, number];
};

/** Tiles side by side, as a ViT's patches. */
const square = (size: number): PatchifyCase => ({
  size: [size, size],
  stride: [size, size],
  padding: [0, 0],
});

const patchifyOp = defineOp<PatchifyCase>({
  name: 'patchify',
  contract:
    'pictures [batch, channels, height, width], size, stride, padding → [batch, tiles, channels * size[0] * size[1]]',
  run: ([x], { size, ...options }) => patchify(x!, size, options),
  reference: ([x], { size, stride, padding }) => {
    const [batch, channels, height, width] = x!.shape as [number, number, number, number];
    const tilesOf = (extent: number, axis: 0 | 1): number =>
      Math.floor((extent + 2 * padding[axis] - size[axis]) / stride[axis]) + 1;
    const across = tilesOf(width, 1);
    const tiles = tilesOf(height, 0) * across;
    const area = size[0] * size[1];
    return referenceOf([batch, tiles, channels * area], (index) => {
      const inTile = index % area;
      const channel = Math.floor(index / area) % channels;
      const tile = Math.floor(index / (area * channels)) % tiles;
      const image = Math.floor(index / (area * channels * tiles));
      const y = Math.floor(tile / across) * stride[0] + Math.floor(inTile / size[1]) - padding[0];
      const column = (tile % across) * stride[1] + (inTile % size[1]) - padding[1];
      const inside = y >= 0 && y < height && column >= 0 && column < width;
      return inside ? x!.data[((image * channels + channel) * height + y) * width + column]! : 0;
    });
  },
  cases: [
    { inputs: [{ shape: [1, 1, 2, 2] }], options: square(1) },
    { inputs: [{ shape: [2, 3, 6, 9] }], options: square(3) },
    { inputs: [{ shape: [2, 3, 28, 42] }], options: square(14) },
    { inputs: [{ shape: [1, 2, 64, 32] }], options: square(32) },
    // The spectrogram of AST: tiles overlap, and the last ones do not reach the end.
    { inputs: [{ shape: [2, 1, 23, 37] }], options: { size: [8, 8], stride: [5, 5], padding: [0, 0] } },
    { inputs: [{ shape: [1, 2, 9, 40] }], options: { size: [4, 18], stride: [3, 2], padding: [2, 17] } },
    // Gaps between tiles.
    { inputs: [{ shape: [2, 2, 7, 11] }], options: { size: [2, 3], stride: [3, 4], padding: [1, 0] } },
    // Whisper's convolutions over time.
    { inputs: [{ shape: [2, 5, 1, 12] }], options: { size: [1, 3], stride: [1, 1], padding: [0, 1] } },
    { inputs: [{ shape: [2, 5, 1, 12] }], options: { size: [1, 3], stride: [1, 2], padding: [0, 1] } },
  ],
  tolerance: exact,
  // A pixel sums the at most 18 tiles that cover it.
  gradientTolerance: { absolute: 2e-5, relative: 1e-6 },
  timed: [
    {
      label: '16 x 3 x 224 x 224 into 16 x 16',
      inputs: [{ shape: [16, 3, 224, 224] }],
      options: square(16),
      bytes: 8 * 16 * 3 * 224 * 224,
    },
    {
      label: '4 x 1 x 128 x 1024 into 16 x 16, stride 10',
      inputs: [{ shape: [4, 1, 128, 1024] }],
      options: { size: [16, 16], stride: [10, 10], padding: [0, 0] },
      bytes: 4 * 4 * (128 * 1024 + 12 * 101 * 256),
    },
  ],
});

const reshapeOp = defineOp<{ shape: number[] }>({
  name: 'reshape',
  contract: 'x [...] → the same elements in another shape',
  run: ([x], { shape }) => reshape(x!, shape),
  reference: ([x], { shape }) => {
    const known = sizeOf(shape.filter((extent) => extent !== -1));
    return {
      shape: shape.map((extent) => (extent === -1 ? x!.data.length / known : extent)),
      data: x!.data.slice(),
    };
  },
  cases: [
    { inputs: [{ shape: [2, 6] }], options: { shape: [3, 4] } },
    { inputs: [{ shape: [2, 3, 5] }], options: { shape: [-1, 5] } },
    { inputs: [{ shape: [1] }], options: { shape: [] } },
  ],
  tolerance: exact,
  timed: [],
});

export const layoutOps: readonly OpEntry[] = [
  concatOp,
  sliceOp,
  arrangeRowsOp,
  transposeOp,
  patchifyOp,
  reshapeOp,
];
