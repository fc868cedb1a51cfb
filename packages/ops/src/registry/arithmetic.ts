import { sizeOf } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { add, divide, multiply, scale, subtract } from '../ops/arithmetic.js';
import { mapReference, referenceOf } from './reference.js';
import { defineOp, type Fill, type OpCase, type OpEntry, type Reference } from './types.js';

interface ArithmeticOptions {
  /** The second operand, where it is a number. */
  number?: number;
}

/** b's element that belongs to a's element `index`: axes are aligned at the end, and extents of 1 are repeated. */
function repeated(b: Reference, a: Reference, index: number): number {
  let rest = index;
  let stride = 1;
  let position = 0;
  for (let axis = 1; axis <= b.shape.length; axis++) {
    const extent = a.shape.at(-axis)!;
    if (b.shape.at(-axis) !== 1) position += (rest % extent) * stride;
    stride *= b.shape.at(-axis)!;
    rest = Math.floor(rest / extent);
  }
  return b.data[position]!;
}

/** Equal shapes, suffixes, columns, a vector for each sample, a scalar; sizes that need several blocks. */
const shapes: [a: number[], b: number[]][] = [
  [[1], [1]],
  [
    [3, 5],
    [3, 5],
  ],
  [
    [3, 11003],
    [3, 11003],
  ],
  [[7, 33], [33]],
  [
    [4, 7, 3],
    [7, 3],
  ],
  [
    [4, 7, 3],
    [1, 1, 3],
  ],
  [
    [5, 4, 7],
    [5, 4, 1],
  ],
  [
    [2, 6, 17],
    [2, 1, 17],
  ],
  [
    [3, 2, 5, 4],
    [3, 1, 1, 4],
  ],
  [[2, 5], [1]],
  [[120, 300], [300]],
];

function arithmeticOp(
  name: string,
  run: (a: Tensor, b: Tensor | number) => Tensor,
  reference: (a: number, b: number) => number,
  divisor?: Fill,
): OpEntry {
  const tensorCases: OpCase<ArithmeticOptions>[] = shapes.map(([a, b]) => ({
    inputs: [{ shape: a }, { shape: b, fill: divisor }],
    options: {},
  }));
  return defineOp<ArithmeticOptions>({
    name,
    contract:
      'a [...], b: a number, or of a’s shape with any neighbouring axes 1 (leading ones may be left out) → [...]',
    run: ([a, b], { number }) => run(a!, number ?? b!),
    reference: ([a, b], { number }) =>
      referenceOf(a!.shape, (index) => reference(a!.data[index]!, number ?? repeated(b!, a!, index))),
    cases: [...tensorCases, { inputs: [{ shape: [3, 19] }], options: { number: -1.75 } }],
    // One rounding; a sum of two products of nearly equal size and opposite sign cannot occur.
    tolerance: { absolute: 1e-7, relative: 2e-7 },
    // b's gradient sums up to 120 products of up to 10 in float32: 120 * 6e-8 at most, 20 of them add up on average.
    gradientTolerance: { absolute: 2e-5, relative: 2e-6 },
    timed: [
      [
        [1024, 768],
        [1024, 768],
      ],
      [[1024, 768], [768]],
      [
        [8192, 4096],
        [8192, 4096],
      ],
    ].map(([a, b]) => ({
      label: `[${a}] and [${b}]`,
      inputs: [{ shape: a! }, { shape: b! }],
      options: {},
      bytes: 4 * (2 * sizeOf(a!) + sizeOf(b!)),
    })),
  });
}

export const arithmeticOps: readonly OpEntry[] = [
  arithmeticOp('add', add, (a, b) => a + b),
  arithmeticOp('subtract', subtract, (a, b) => a - b),
  arithmeticOp('multiply', multiply, (a, b) => a * b),
  arithmeticOp('divide', divide, (a, b) => a / b, {
    kind: 'values',
    values: [0.5, -1.25, 3, 0.8, -2.1, 1.7, -0.6],
  }),
  defineOp<{ factor: number }>({
    name: 'scale',
    contract: 'x [...], a number → [...]',
    run: ([x], { factor }) => scale(x!, factor),
    reference: ([x], { factor }) => mapReference(x!, (value) => value * factor),
    cases: [
      { inputs: [{ shape: [] }], options: { factor: 3.5 } },
      { inputs: [{ shape: [2, 20001] }], options: { factor: -0.125 } },
    ],
    tolerance: { absolute: 0, relative: 1e-7 },
    timed: [
      {
        label: '1024 x 768',
        inputs: [{ shape: [1024, 768] }],
        options: { factor: 2 },
        bytes: 8 * 1024 * 768,
      },
    ],
  }),
];
