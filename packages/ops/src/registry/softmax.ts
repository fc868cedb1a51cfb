import { sizeOf } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { logSoftmax, softmax } from '../ops/softmax.js';
import { defineOp, type OpCase, type OpEntry, type Reference, type Tolerance } from './types.js';

/** log softmax of each row of `x`. */
export function logSoftmaxReference(x: Reference): Reference {
  const width = x.shape.at(-1)!;
  const data = new Float64Array(x.data.length);
  for (let start = 0; start < data.length; start += width) {
    const row = x.data.subarray(start, start + width);
    const top = row.reduce((best, value) => Math.max(best, value), Number.NEGATIVE_INFINITY);
    const total = Math.log(row.reduce((sum, value) => sum + Math.exp(value - top), 0));
    for (let i = 0; i < width; i++) data[start + i] = row[i]! - top - total;
  }
  return { shape: x.shape, data };
}

type NoOptions = Record<string, never>;

/** One column, registers with tails, rows longer than a run of the sum (256 registers), and large values of both signs. */
const cases: OpCase<NoOptions>[] = [
  ...[[1], [4, 1], [3, 5], [2, 3, 77], [70, 300], [2, 5003]].map((shape) => ({
    inputs: [{ shape }],
    options: {},
  })),
  { inputs: [{ shape: [3, 40], fill: { kind: 'normal', scale: 30 } }], options: {} },
  {
    inputs: [
      {
        shape: [2, 6],
        fill: { kind: 'values', values: [1e30, -1e30, 1e30, 3, 0, -5] },
        differentiable: false,
      },
    ],
    options: {},
  },
];

function softmaxOp(
  name: string,
  run: (x: Tensor) => Tensor,
  reference: (x: Reference) => Reference,
  tolerance: Tolerance,
  gradientTolerance: Tolerance,
): OpEntry {
  return defineOp<NoOptions>({
    name,
    contract: 'x [..., width] → [..., width]',
    run: ([x]) => run(x!),
    reference: ([x]) => reference(x!),
    cases,
    tolerance,
    gradientTolerance,
    timed: [
      [3072, 256],
      [24576, 512],
      [256, 50272],
    ].map((shape) => ({
      label: shape.join(' x '),
      inputs: [{ shape }],
      options: {},
      bytes: 8 * sizeOf(shape),
    })),
  });
}

// x - max is exact to 6e-8 of up to 100 (scale 30), which the exponential turns into a relative error of 6e-6.
export const softmaxOps: readonly OpEntry[] = [
  softmaxOp(
    'softmax',
    softmax,
    (x) => ({ shape: x.shape, data: logSoftmaxReference(x).data.map(Math.exp) }),
    { absolute: 1e-30, relative: 8e-6 },
    // dx = y (dy - dot): the difference is right to 5e-7, whatever remains of it.
    { absolute: 1e-6, relative: 1e-5 },
  ),
  softmaxOp(
    'logSoftmax',
    logSoftmax,
    logSoftmaxReference,
    { absolute: 1e-6, relative: 3e-7 },
    {
      // dx = dy - y * sum(dy); the sum of 5003 gradients is near 70.
      absolute: 2e-5,
      relative: 1e-5,
    },
  ),
];
