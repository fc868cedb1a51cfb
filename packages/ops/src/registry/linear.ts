import { linear } from '../ops/linear.js';
import { matmul } from '../ops/matmul.js';
import { PackedWeight } from '../ops/packed-weight.js';
import { referenceOf } from './reference.js';
import { defineOp, type OpCase, type Reference, type TimedCase } from './types.js';

interface LinearOptions {
  packed: boolean;
}

function linearReference([x, weight, bias]: readonly Reference[]): Reference {
  const [outputs, inputs] = weight!.shape as [number, number];
  return referenceOf([...x!.shape.slice(0, -1), outputs], (index) => {
    const row = Math.floor(index / outputs);
    const output = index % outputs;
    let sum = bias ? bias.data[output]! : 0;
    for (let k = 0; k < inputs; k++) sum += x!.data[row * inputs + k]! * weight!.data[output * inputs + k]!;
    return sum;
  });
}

/** Odd sizes around every edge: one row, tile remainders, panel remainders (16, 32, 64 columns), k blocks of 384. */
const sizes: [rows: number[], inputs: number, outputs: number, bias: boolean][] = [
  [[1], 1, 1, false],
  [[3, 5], 7, 9, true],
  [[6], 17, 64, true],
  [[13], 33, 65, true],
  [[2, 16], 20, 31, false],
  [[50], 385, 130, true],
  [[7], 70, 400, true],
];

const linearCases = (packed: boolean): OpCase<LinearOptions>[] =>
  sizes.map(([rows, inputs, outputs, bias]) => ({
    inputs: [
      { shape: [...rows, inputs] },
      { shape: [outputs, inputs], differentiable: !packed },
      ...(bias ? [{ shape: [outputs] }] : []),
    ],
    options: { packed },
  }));

const timed = (packed: boolean): TimedCase<LinearOptions>[] =>
  [
    [16, 768, 3072],
    [64, 768, 768],
    [1024, 768, 3072],
    [1024, 3072, 768],
    [1280, 192, 768],
  ].map(([rows, inputs, outputs]) => ({
    label: `${rows} x ${inputs} -> ${outputs}`,
    inputs: [{ shape: [rows!, inputs!] }, { shape: [outputs!, inputs!] }, { shape: [outputs!] }],
    options: { packed },
    operations: 2 * rows! * inputs! * outputs!,
  }));

// A sum of k products in float32 is off by at most about k * 2^-24 * sum|a b|; with normal inputs and k <= 400 the sum
// of magnitudes is near 0.64 k, and errors add up like a random walk: sqrt(k) * 2^-24 * 0.64 k < 4e-4 at the very worst.
const tolerance = { absolute: 5e-5, relative: 1e-5 };

export const linearOp = defineOp<LinearOptions>({
  name: 'linear',
  contract: 'x [..., inputs], weight [outputs, inputs], bias [outputs] → [..., outputs]',
  run: ([x, weight, bias]) => linear(x!, weight!, bias),
  reference: linearReference,
  cases: linearCases(false),
  tolerance,
  timed: timed(false),
});

export const linearPackedOp = defineOp<LinearOptions>({
  name: 'linear (packed weight)',
  contract: 'x [..., inputs], frozen weight [outputs, inputs], bias [outputs] → [..., outputs]',
  run: ([x, weight, bias]) => linear(x!, new PackedWeight(weight!), bias),
  reference: linearReference,
  cases: linearCases(true),
  tolerance,
  timed: timed(true),
});

export const matmulOp = defineOp<Record<string, never>>({
  name: 'matmul',
  contract: 'a [rows, inner], b [inner, columns] → [rows, columns]',
  run: ([a, b]) => matmul(a!, b!),
  reference: ([a, b]) => {
    const [rows, inner] = a!.shape as [number, number];
    const columns = b!.shape[1]!;
    return referenceOf([rows, columns], (index) => {
      const row = Math.floor(index / columns);
      let sum = 0;
      for (let k = 0; k < inner; k++)
        sum += a!.data[row * inner + k]! * b!.data[k * columns + (index % columns)]!;
      return sum;
    });
  },
  cases: [
    [1, 1, 1],
    [5, 7, 3],
    [17, 65, 33],
    [31, 390, 66],
  ].map(([rows, inner, columns]) => ({
    inputs: [{ shape: [rows!, inner!] }, { shape: [inner!, columns!] }],
    options: {},
  })),
  tolerance,
  timed: [
    {
      label: '512 x 512 x 512',
      inputs: [{ shape: [512, 512] }, { shape: [512, 512] }],
      options: {},
      operations: 2 * 512 ** 3,
    },
  ],
});
