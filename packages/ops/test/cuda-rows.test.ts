// CUDA's kernels over rows against their twins on the processor, where the op table does not lead: rows in every way that a
// team of threads holds them, with and without 16-byte accesses, more rows than a block's share, calls in place, rows of
// numbers that are none, and sums in several pieces.
import { describe, expect, it } from 'vitest';
import { backward } from '../src/autograd/backward.js';
import { device } from '../src/core/device.js';
import { tensor } from '../src/core/tensor.js';
import { linearCrossEntropy } from '../src/ops/linear-cross-entropy.js';
import { PackedWeight } from '../src/ops/packed-weight.js';
import { Random } from '../src/random/random.js';
import { expectTwins, float32, hasEmulation, int32, type Operand, runUnserved } from './on-both-devices.js';

const random = new Random(7);
const normal = (count: number, scale = 1, mean = 0): Operand =>
  float32(Float32Array.from({ length: count }, () => mean + random.normal() * scale));
const zeros = (count: number): Operand => float32(new Float32Array(count));

// Sums over rows in another order; both sides are right to some 1e-6 of numbers up to 5.
const close = { absolute: 4e-6, relative: 4e-6 };
// Sums of up to 1100 products up to 10, in float32 on both sides.
const columns = { absolute: 1e-4, relative: 1e-5 };

// Logits near 10, right to 2e-6, and sums of their exponentials' products with weights up to 4.
const heads = { absolute: 1e-5, relative: 1e-5 };

/** One warp with 8 and 32 numbers a thread, blocks of 256 and 512 threads, rows that are not held; whole vectors and not. */
const shapes: [rows: number, width: number][] = [
  [0, 8],
  [1, 1],
  [5, 252],
  [5, 255],
  [3, 1020],
  [3, 1023],
  [2, 1028],
  [2, 4096],
  [2, 4099],
  [2, 4100],
  [2, 8196],
];

describe.runIf(hasEmulation)('CUDA rows', () => {
  it.each(shapes)('norms of [%i, %i]', async (rows, width) => {
    const [x, dy, weight, bias] = [normal(rows * width), normal(rows * width), normal(width), normal(width)];
    const [y, mean, scale] = [zeros(rows * width), zeros(rows * 2), zeros(rows)];
    await expectTwins('layer_norm', [x, weight, bias, y, mean], [rows, width, 1e-5], { close });
    await expectTwins('layer_norm', [x, null, null, x, null], [rows, width, 1e-5], { close });
    await expectTwins('rms_norm', [x, weight, y, scale], [rows, width, 1e-5], { close });
    await expectTwins('rms_norm', [x, null, x, null], [rows, width, 1e-5], { close });

    const statistics = float32(Float32Array.from({ length: rows * 2 }, (_, i) => (i % 2 ? 0.9 : 0.1)));
    const scales = float32(new Float32Array(rows).fill(1.1));
    const [dx, dweight, dbias] = [zeros(rows * width), zeros(width), zeros(width)];
    const size = [rows, width];
    await expectTwins('layer_norm_backward', [dy, x, weight, statistics, dx, dweight, dbias], size, {
      close,
    });
    await expectTwins('layer_norm_backward', [dy, x, null, statistics, dy, null, null], size, { close });
    await expectTwins('layer_norm_backward', [dy, x, weight, statistics, null, null, dbias], size, { close });
    await expectTwins('rms_norm_backward', [dy, x, weight, scales, dx, dweight], size, { close });
    await expectTwins('rms_norm_backward', [dy, x, weight, scales, dy, null], size, { close });
    await expectTwins('rms_norm_backward', [dy, x, null, scales, null, dweight], size, { close });
  });

  // More than 256 blocks' rows: blocks, and warps of blocks, take several.
  it.each([
    [1100, 12],
    [1030, 7],
    [261, 1028],
  ])('sums over the rows of norms [%i, %i]', async (rows, width) => {
    const [x, dy, weight] = [normal(rows * width), normal(rows * width), normal(width)];
    const statistics = float32(Float32Array.from({ length: rows * 2 }, (_, i) => (i % 2 ? 1 : 0)));
    const [dx, dweight, dbias] = [zeros(rows * width), zeros(width), zeros(width)];
    await expectTwins('layer_norm_backward', [dy, x, weight, statistics, dx, dweight, dbias], [rows, width], {
      offsets: [0],
      close: columns,
    });
  });

  it('layer_norm of a mean of thousands is right to the last bits of x', async () => {
    const width = 1000;
    const x = normal(width, 1, 10_000);
    const y = zeros(width);
    const all = await expectTwins('layer_norm', [x, null, null, y, null], [1, width, 0], {
      offsets: [0],
      close: { absolute: 2e-3, relative: 0 }, // the processor rounds the mean, to 5e-4
    });
    const values = Array.from(x.values);
    const mean = values.reduce((a, b) => a + b) / width;
    const deviation = Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / width);
    for (const [i, value] of values.entries())
      expect(Math.abs(all.get(y)![i]! - (value - mean) / deviation)).toBeLessThan(2e-6);
  });

  it.each(shapes)('softmax of [%i, %i]', async (rows, width) => {
    const x = normal(rows * width, 3);
    const [dy, y] = [normal(rows * width), zeros(rows * width)];
    for (const kernel of ['softmax', 'log_softmax']) {
      const after = await expectTwins(kernel, [x, y], [rows, width], { close });
      await expectTwins(kernel, [x, x], [rows, width], { close });
      const made = float32(after.get(y)!);
      // The sum of up to 8196 gradients is near 100.
      await expectTwins(`${kernel}_backward`, [dy, made, y], [rows, width], { close: columns });
      await expectTwins(`${kernel}_backward`, [dy, made, dy], [rows, width], { close: columns });
    }
  });

  it.each([3, 40, 1200, 9000])('rows of %i numbers with NaN, infinities or nothing else', async (width) => {
    const rows = [[NaN], [Infinity], [-Infinity], [Infinity, -Infinity], [3e38, -3e38]].flatMap((special) =>
      [0, width - special.length].map((at) => {
        const row = Array.from({ length: width }, () => random.normal());
        row.splice(at, special.length, ...special);
        return row;
      }),
    );
    rows.push(new Array(width).fill(-Infinity), new Array(width).fill(NaN));
    const x = float32(rows.flat());
    const [y, loss, total] = [zeros(rows.length * width), zeros(rows.length), zeros(rows.length)];
    const targets = int32(rows.map((_, i) => i % width));
    for (const kernel of ['softmax', 'log_softmax'])
      await expectTwins(kernel, [x, y], [rows.length, width], { close, offsets: [0] });
    await expectTwins('cross_entropy', [x, targets, loss, total], [rows.length, width, -100, 0], { close });
  });

  it.each([
    [0, 5],
    [9, 1],
    [7, 33],
    [6, 1024],
    [3, 1029],
    [2, 5000],
  ])('cross-entropy of [%i, %i]', async (rows, classes) => {
    const logits = normal(rows * classes, 3);
    const targets = int32(Array.from({ length: rows }, (_, i) => (i % 3 === 1 ? -7 : (i * 7919) % classes)));
    const [loss, total, dloss, dlogits] = [zeros(rows), zeros(rows), normal(rows), zeros(rows * classes)];
    for (const smoothing of [0, 0.2]) {
      const scalars = [rows, classes, -7, smoothing];
      const after = await expectTwins('cross_entropy', [logits, targets, loss, total], scalars, { close });
      const made = float32(after.get(total)!);
      await expectTwins('cross_entropy_backward', [dloss, logits, made, targets, dlogits], scalars, {
        close,
      });
      await expectTwins('cross_entropy_backward', [dloss, logits, made, targets, logits], scalars, { close });
    }
    await expectTwins('count_targets', [targets, zeros(1)], [rows, -7]);
  });

  it('reports a target outside of the classes as the processor does, and leaves its row at zero', async () => {
    const [loss, total] = [float32([9, 9]), float32([9, 9])];
    for (const target of [5, -1]) {
      const operands = [normal(10), int32([target, 1]), loss, total];
      const { failure, after } = await runUnserved('cross_entropy', operands, [2, 5, -100, 0]);
      expect(failure).toContain(
        `[cross_entropy] target ${target} at position 0 is outside of the 5 classes and is not the ignored index -100`,
      );
      expect([after.get(loss)![0], after.get(total)![0]]).toEqual([0, 0]);
    }
  });

  /** Warps and blocks, one piece and several; columns in 16 and 4 bytes, fewer and more than a block has side by side. */
  it.each([
    [0, 4, 3],
    [2, 0, 3],
    [3, 0, 1],
    [5, 2048, 1],
    [5, 2047, 1],
    [2, 2052, 1],
    [2, 3001, 1],
    [2, 32_772, 1],
    [1, 40_001, 1],
    [3, 5, 68],
    [2, 300, 68],
    [1, 4200, 4],
    [2, 200, 35],
    [1, 1500, 3],
    [1, 3, 257],
  ])('sums of [%i, %i, %i]', async (outer, middle, inner) => {
    const size = outer * middle * inner;
    const [x, factor, y] = [normal(size), normal(size), zeros(outer * inner)];
    // Partial sums near 10 round in float32, 64 at a time, on either side; 40,001 of them at random.
    const sums = { absolute: 5e-5, relative: 1e-6 };
    await expectTwins('reduce_sum', [x, null, y], [outer, middle, inner, 1], { close: sums });
    await expectTwins('reduce_sum', [x, factor, y], [outer, middle, inner, -0.5], { close: sums });
  });

  // The executor has room for 32,768 logits at a time: one round and, of rows as of classes, two, the last with few rows.
  it.each([
    [0, 3, 5],
    [7, 5, 33],
    [30, 8, 1200],
  ])('fused heads of [%i, %i] and %i classes', async (rows, width, classes) => {
    const [x, weight] = [normal(rows * width), normal(classes * width)];
    const targets = int32(Array.from({ length: rows }, (_, i) => (i % 3 === 1 ? -7 : (i * 7919) % classes)));
    const [loss, total, dweight] = [zeros(rows), zeros(rows), zeros(classes * width)];
    for (const smoothing of [0, 0.2]) {
      const scalars = [rows, width, classes, -1, -7, smoothing];
      const forward = [x, weight, null, targets, loss, total, null, null];
      const after = await expectTwins('linear_cross_entropy', forward, scalars, { close: heads });
      const operands = [normal(rows), x, weight, targets, float32(after.get(total)!), dweight];
      await expectTwins('linear_cross_entropy_backward_weight', operands, scalars, { close: heads });
    }
  });

  it('gives a row of a fused head the same bits alone and among others', async () => {
    const before = device.name;
    device.use('cuda-emulated');
    try {
      const [rows, width, classes] = [30, 8, 1200];
      const weight = new PackedWeight(tensor(normal(classes * width).values, [classes, width]));
      const x = normal(rows * width).values as Float32Array;
      const results = async (first: number, count: number): Promise<Float32Array[]> => {
        const input = tensor(x.slice(first * width, (first + count) * width), [count, width]).asParameter();
        const targets = Int32Array.from({ length: count }, (_, i) => ((first + i) * 7919) % classes);
        const losses = linearCrossEntropy(input, weight, tensor(targets), { reduction: 'none' });
        backward(losses, tensor(new Float32Array(count).fill(1), [count]));
        return [await losses.data(), await input.grad!.data()];
      };
      const [losses, gradients] = await results(0, rows);
      for (const row of [23, 29]) {
        const [loss, gradient] = await results(row, 1);
        expect(loss![0]).toBe(losses![row]);
        expect(gradient).toEqual(gradients!.slice(row * width, (row + 1) * width));
      }
    } finally {
      device.use(before);
    }
  });
});
