// Kernels of CUDA devices against their twins on the processor, where the op table does not lead: addresses that are not
// aligned, sizes with every kind of tail, types that only files have, ids that repeat, calls in place and of no elements.
import { describe, expect, it } from 'vitest';
import { Random } from '../src/random/random.js';
import {
  bytes,
  expectTwins,
  float32,
  hasEmulation,
  int32,
  type Operand,
  runUnserved,
} from './on-both-devices.js';

const random = new Random(5);
const normal = (count: number, scale = 1): Operand =>
  float32(Array.from({ length: count }, () => random.normal() * scale));
const ids = (count: number, below: number): Operand =>
  int32(Array.from({ length: count }, () => random.integer(below)));
const zeros = (count: number): Operand => float32(new Float32Array(count));
const special = [0, -0, NaN, Infinity, -Infinity, 1e-40, -3e38];

// Both sides are within 3e-7 of the function, which factors of up to 6 magnify.
const functions = { absolute: 4e-6, relative: 4e-6 };
// A multiplication and an addition may be one rounding or two.
const rounding = { absolute: 1e-6, relative: 1e-6 };

describe.runIf(hasEmulation)('CUDA twins', () => {
  it.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])('activation %i', async (kind) => {
    const close = kind === 0 || kind > 8 ? undefined : functions;
    for (const count of [0, 1, 6, 1031]) {
      const x = normal(count, 2);
      await expectTwins('activation', [x, zeros(count)], [count, kind], { close });
      await expectTwins('activation', [x, x], [count, kind], { close });
      const dy = normal(count);
      await expectTwins('activation_backward', [dy, x, zeros(count)], [count, kind], { close });
      await expectTwins('activation_backward', [dy, x, dy], [count, kind], { close });
    }
    const edges = float32([0, -0, NaN, -20, 30]);
    await expectTwins('activation', [edges, zeros(5)], [5, kind], { close });
  });

  it('relu and its mask', async () => {
    for (const count of [0, 1, 4, 8, 9, 33, 127, 1025, 2048]) {
      const x = float32([...special, ...normal(count).values].slice(0, count));
      await expectTwins('relu', [x, zeros(count), bytes(new Uint8Array((count + 7) >> 3))], [count]);
      await expectTwins('relu', [x, x, null], [count]);
    }
  });

  it.each([0, 1, 2, 3])('binary %i', async (operation) => {
    const shapes = [
      [1, 1, 0],
      [1, 1, 13],
      [1, 5, 8],
      [1, 5, 7],
      [6, 8, 1],
      [6, 7, 1],
      [3, 4, 12],
      [2, 3, 5],
      [7, 40, 12],
    ];
    for (const [outer, middle, inner] of shapes as [number, number, number][]) {
      const [a, b] = [normal(outer * middle * inner), normal(outer * inner)];
      const scalars = [outer, middle, inner, operation];
      await expectTwins('binary', [a, b, zeros(a.values.length)], scalars);
      await expectTwins('binary', [a, b, a], scalars);
      await expectTwins('expand', [b, a], [outer, middle, inner, 0.3]);
    }
  });

  it('scale_add and accumulate', async () => {
    for (const count of [0, 3, 1030]) {
      const [a, b] = [normal(count), normal(count)];
      const options = { close: rounding };
      await expectTwins('scale_add', [a, b, zeros(count)], [count, 0.7, -1.3, 0.1], options);
      await expectTwins('scale_add', [a, b, b], [count, 0.7, -1.3, 0], options);
      await expectTwins('scale_add', [a, null, zeros(count)], [count, -2, 0, 0.5], options);
      await expectTwins('accumulate', [a, b], [count]);
    }
  });

  it('copy_blocks', async () => {
    // count, length, source's stride and offset, target's: words of 16, 8, 4, 2 and 1 bytes.
    const cases: number[][] = [
      [3, 16, 32, 16, 48, 32],
      [5, 8, 24, 8, 16, 0],
      [40, 4, 12, 4, 4, 0],
      [5, 6, 10, 2, 8, 2],
      [7, 3, 5, 1, 9, 4],
      [1, 77, 0, 3, 0, 5],
      [9, 0, 4, 0, 4, 0],
      [0, 4, 4, 0, 4, 0],
    ];
    for (const [index, scalars] of cases.entries()) {
      const source = bytes(Array.from({ length: 700 }, () => random.integer(256)));
      await expectTwins('copy_blocks', [source, bytes(new Uint8Array(700))], [...scalars, 1], {
        offsets: [0, 1, 4],
      });
      const halves: Operand = {
        values: Uint16Array.from({ length: 700 }, (_, i) => i * 91),
        dtype: 'float16',
      };
      const target: Operand = { values: new Uint16Array(700), dtype: 'float16' };
      await expectTwins('copy_blocks', [halves, target], [...scalars, 2], { offsets: [0, index] });
      await expectTwins('copy_blocks', [normal(700), zeros(700)], [...scalars, 4], { offsets: [0, 2] });
    }
  });

  it('arrange_rows', async () => {
    for (const width of [0, 1, 5, 8]) {
      const [first, second, wanted] = [normal(6 * width), normal(4 * width), int32([9, -1, 0, 5, 6, 3, -7])];
      await expectTwins('arrange_rows', [first, second, wanted, zeros(7 * width)], [7, width, 6]);
      const few = int32([5, -2, 1]);
      await expectTwins('arrange_rows', [first, null, few, zeros(3 * width)], [3, width, 6]);
    }
  });

  it('fill', async () => {
    for (const count of [0, 1, 7, 64, 1029]) {
      await expectTwins('fill', [bytes(new Uint8Array(count))], [count, 1, 0xab]);
      await expectTwins('fill', [{ values: new Uint16Array(count), dtype: 'bfloat16' }], [count, 2, 0xbeef]);
      await expectTwins('fill', [zeros(count)], [count, 4, 0xbf800000]);
    }
  });

  it('transpose_matrices', async () => {
    const shapes = [
      [1, 0, 4],
      [3, 5, 100],
      [2, 70, 3],
      [2, 33, 70],
      [1, 40, 8],
      [2, 64, 32],
    ];
    for (const [batch, rows, columns] of shapes as [number, number, number][]) {
      const x = normal(batch * rows * columns);
      await expectTwins('transpose_matrices', [x, zeros(x.values.length)], [batch, rows, columns]);
    }
  });

  it('patchify and patchify_backward', async () => {
    // batch, channels, height, width, size, stride, padding: rows of 4, 2 and 1 numbers; tiles that overlap and that do not.
    const cases = [
      [2, 3, 8, 16, 4, 8, 4, 8, 0, 0],
      [1, 2, 9, 24, 3, 8, 2, 4, 1, 4],
      [2, 2, 10, 14, 5, 6, 5, 2, 2, 2],
      [2, 3, 7, 11, 2, 3, 3, 2, 1, 2],
      [1, 1, 5, 5, 5, 5, 1, 1, 4, 4],
      [0, 3, 4, 4, 2, 2, 2, 2, 0, 0],
    ];
    for (const scalars of cases) {
      const [batch, channels, height, width, sizeY, sizeX, strideY, strideX, paddingY, paddingX] =
        scalars as [number, number, number, number, number, number, number, number, number, number];
      const down = Math.floor((height + 2 * paddingY - sizeY) / strideY) + 1;
      const across = Math.floor((width + 2 * paddingX - sizeX) / strideX) + 1;
      const pixels = normal(batch * channels * height * width);
      const patches = normal(batch * down * across * channels * sizeY * sizeX);
      const offsets = [0, 1, 2];
      await expectTwins('patchify', [pixels, patches], scalars, { offsets });
      await expectTwins('patchify_backward', [patches, pixels], scalars, { offsets });
    }
  });

  it('dropout and random_bits, the same words', async () => {
    for (const count of [0, 1, 17, 64, 70, 1100]) {
      const x = normal(count);
      const seeds = [2 ** 52 + 12345, 2 ** 33 + 7];
      await expectTwins('dropout', [x, zeros(count)], [count, 0.3, ...seeds]);
      await expectTwins('dropout', [x, x], [count, 0.9, 1, 0]);
      await expectTwins('dropout', [x, zeros(count)], [count, 1, 1, 0]);
      await expectTwins('random_bits', [int32(new Int32Array(count))], [count, ...seeds]);
    }
  });

  it.each([0, 1, 2, 3, 4])('convert from type %i', async (from) => {
    const dtypes = ['float32', 'bfloat16', 'float16', 'int32', 'uint8'] as const;
    const hard = [
      ...special,
      1.00390625,
      2049,
      65519,
      65520,
      6e-8,
      2.9e-8,
      3.39e38,
      2147483520,
      2 ** 31,
      -(2 ** 31),
      -3e9,
      254.9,
      256,
      -0.7,
    ];
    for (const count of [0, 5, 1037]) {
      const reals = Float32Array.from({ length: count }, (_, i) => hard[i] ?? random.normal() * 90);
      const words = Uint16Array.from(reals, (_, i) => (i < 40 ? i * 1637 : random.integer(65536)));
      const values = [
        reals,
        words,
        words,
        Int32Array.from(reals, (value, i) => (i === 0 ? -(2 ** 31) : i === 1 ? 2 ** 31 - 1 : value * 1e5)),
        Uint8Array.from(words),
      ];
      const source: Operand = { values: values[from]!, dtype: dtypes[from]! };
      for (const [to, dtype] of dtypes.entries()) {
        if (to === from) continue;
        const target: Operand = { values: values[to]!.slice().fill(0), dtype };
        await expectTwins('convert', [source, target], [count, from, to], { offsets: [0, 1, 2] });
      }
    }
  });

  it('convert from types that only files have', async () => {
    const wide = (values: BigInt64Array | Float64Array): Operand => bytes(new Uint8Array(values.buffer));
    for (const count of [1, 2, 301]) {
      const whole = BigInt64Array.from({ length: count }, (_, i) => BigInt(i * i * 31 - 900));
      const real = Float64Array.from(
        { length: count },
        (_, i) => [NaN, Infinity, 1e300, 1e-50][i] ?? random.normal() * 1e3,
      );
      const targets: Operand[] = [
        zeros(count),
        { values: new Uint16Array(count), dtype: 'bfloat16' },
        { values: new Uint16Array(count), dtype: 'float16' },
        int32(new Int32Array(count)),
        bytes(new Uint8Array(count)),
      ];
      for (const [to, target] of targets.entries()) {
        await expectTwins('convert', [wide(whole), target], [count, 5, to], { offsets: [0, 8] });
        await expectTwins('convert', [wide(real), target], [count, 6, to], { offsets: [0, 8] });
      }
    }
    const misfit = wide(BigInt64Array.of(-(2n ** 31n), 2n ** 31n - 1n, 2n ** 31n, 5n));
    const target = int32([7, 7, 7, 7]);
    const { failure, after } = await runUnserved('convert', [misfit, target], [4, 5, 3]);
    expect(failure).toContain('[convert] value 2147483648 at position 2 does not fit in int32');
    expect(after.get(target)).toEqual(Int32Array.of(-(2 ** 31), 2 ** 31 - 1, 0, 5));
  });

  it('embedding, embedding_backward and scatter_rows: sums in the order of positions, the last of equal ids wins', async () => {
    // count, width, rows: several rounds of 256 ids, several slices of columns, more rows than blocks.
    const cases = [
      [0, 4, 3],
      [5, 0, 3],
      [1, 1, 1],
      [600, 5, 9],
      [300, 8, 500],
      [520, 2, 1],
      [20, 301, 7],
      [20, 1100, 7],
    ];
    for (const [count, width, rows] of cases as [number, number, number][]) {
      const [table, chosen, dy] = [normal(rows * width), ids(count, rows), normal(count * width)];
      await expectTwins('embedding', [table, chosen, zeros(count * width)], [count, width, rows]);
      await expectTwins('embedding_backward', [dy, chosen, table], [count, width, rows]);
      await expectTwins('scatter_rows', [dy, chosen, table], [count, width, rows]);
    }
  });

  it.each([3, -1, 2 ** 31 - 1, -(2 ** 31)])(
    'reports id %i of a table with 3 rows and serves the others',
    async (id) => {
      const [table, rows] = [normal(12), normal(12)];
      for (const kernel of ['embedding', 'embedding_backward', 'scatter_rows']) {
        const [from, to] = kernel === 'embedding' ? [table, rows] : [rows, table];
        const { failure, after } = await runUnserved(kernel, [from, int32([0, id, 2]), to], [3, 4, 3]);
        expect(failure).toContain(`[${kernel}] id ${id} at position 1 is outside of the table's 3 rows`);
        const expected = from.values.slice();
        expected.set(kernel === 'scatter_rows' ? to.values.slice(4, 8) : [0, 0, 0, 0], 4);
        expect(after.get(to)).toEqual(expected);
      }
    },
  );

  it.each([0, 1])('rotary, interleaved %i', async (interleaved) => {
    // rows, heads, head size, pairs: accesses of 16 and of 4 bytes, numbers that stay, more pairs than angles at a time.
    const cases = [
      [0, 2, 8, 4],
      [3, 2, 16, 8],
      [5, 3, 12, 4],
      [2, 3, 7, 3],
      [2, 2, 6, 3],
      [2, 1, 640, 320],
      [1, 2, 523, 261],
    ];
    for (const [rows, heads, size, pairs] of cases as [number, number, number, number][]) {
      const x = normal(rows * heads * size);
      const frequencies = float32(Float32Array.from({ length: pairs }, (_, i) => 10_000 ** (-i / pairs)));
      const scalars = [rows, heads, size, pairs, interleaved, 1];
      const positions = ids(rows, 100_000);
      await expectTwins('rotary', [x, positions, frequencies, zeros(x.values.length)], scalars, {
        close: rounding,
      });
      await expectTwins('rotary', [x, positions, frequencies, x], [...scalars.slice(0, 5), -1], {
        close: rounding,
      });
    }
  });

  it('fbank, with frames in shared memory and without', async () => {
    for (const [frames, hop, length, fft, bands] of [
      [5, 7, 30, 30, 3],
      [70, 3, 20, 24, 2],
      [2, 100, 3600, 3750, 130],
    ] as const) {
      const bins = fft / 2 + 1;
      const filters = float32(
        Float32Array.from({ length: bands * bins }, (_, i) => ((i % bins) % 5 === 0 ? 0 : 0.5)),
      );
      const scalars = [frames, hop, length, fft, bands, 0.97, 1, 1, 2 ** -23, 1];
      const waveform = normal((frames - 1) * hop + length);
      await expectTwins('fbank', [waveform, filters, zeros(frames * bands)], scalars, { close: rounding });
    }
  });

  // Small and large tiles with and without tails, more columns than a tile has, a depth that is cut, none of one.
  it.each([
    [1, 1, 1],
    [5, 40, 7],
    [64, 33, 68],
    [132, 70, 260],
    [131, 100, 133],
    [36, 1100, 20],
    [7, 1501, 3],
    [9, 0, 4],
    [9, 5, 0],
    [0, 5, 4],
  ])('the gradients of a weight and a bias [%i, %i, %i]', async (rows, inner, columns) => {
    const [a, b] = [normal(inner * rows), normal(inner * columns)];
    const [c, sums] = [zeros(rows * columns), zeros(rows)];
    // Sums of up to 1501 terms near 1 have errors of some 1e-5 on either side.
    const close = { absolute: 5e-5, relative: 1e-5 };
    const scalars = [rows, inner, columns, 1, 0, -1];
    const both = await expectTwins('matmul', [a, b, null, null, c, null, sums], scalars, { close });
    const alone = await expectTwins('matmul', [a, b, null, null, c, null, null], scalars, { close });
    expect(both.get(c)).toEqual(alone.get(c));
  });

  /** Places of a call: what is there for each size, and nothing for those behind them or of null. */
  const places = <T>(sizes: readonly (number | null)[], make: (size: number) => T): (T | null)[] =>
    Array.from({ length: 12 }, (_, i) => (sizes[i] == null ? null : make(sizes[i])));
  const many = [1030, 0, null, 7, 1, null, 4097, 4, 16_385, 64, 3, 9];

  it.each([[0], [1], [7], [1030], [40_003], many])('adamw and sum_of_squares of %s', async (...sizes) => {
    const counts = places(sizes, (size) => size).map((size) => size ?? 0);
    const parameters = places(sizes, (size) => [
      normal(size),
      normal(size),
      normal(size, 0.1),
      float32(normal(size).values.map((value) => value * value)),
    ]);
    // Of a parameter before them and each of theirs.
    const numbers = float32(
      Array.from({ length: 3 * (sizes.length + 1) }, (_, i) => [0.999, 0.01, 0.2][i % 3]! * (1 - i / 90)),
    );
    const tensors = parameters.flatMap((of) => of ?? [null, null, null, null]);
    const scalars = [1, 0.9, 0.99, 1e-8, ...counts];
    for (const scale of [null, float32([0.5])])
      await expectTwins('adamw', [numbers, scale, ...tensors], scalars, { close: rounding });
    const gradients = parameters.map((of) => of?.[1] ?? null);
    await expectTwins('sum_of_squares', [float32([3]), ...gradients], counts, { close: rounding });
  });

  it('clip_coefficient', async () => {
    for (const total of [4, 0.01, NaN, 0])
      await expectTwins('clip_coefficient', [float32([total]), zeros(1)], [1.5]);
  });

  it('sums squares in one order at any address', async () => {
    const x = normal(9001);
    const total = zeros(1);
    const operands = [total, ...places([null, 9001], () => x)];
    const sizes = places([0, 9001], (size) => size).map((size) => size ?? 0);
    const aligned = await expectTwins('sum_of_squares', operands, sizes, { offsets: [0], close: rounding });
    const shifted = await expectTwins('sum_of_squares', operands, sizes, { offsets: [3], close: rounding });
    expect(shifted.get(total)).toEqual(aligned.get(total));
  });
});
