import { type LinearActivation, linear } from '../ops/linear.js';
import { matmul } from '../ops/matmul.js';
import { PackedWeight, type WeightType, weightTypes } from '../ops/packed-weight.js';
import { activationReferences } from './activation.js';
import { referenceOf } from './reference.js';
import { defineOp, type OpCase, type OpEntry, type Reference, type TimedCase } from './types.js';
import { storedWeight, weightName } from './weight-types.js';

interface LinearCase {
  /** Null: a plain tensor, differentiated too. */
  readonly weights: WeightType | null;
  readonly activation?: LinearActivation;
  readonly bias: boolean;
  readonly residual: boolean;
}

/** Inputs are x, weight, then bias and residual where the case has them. */
function parts<T>(
  inputs: readonly T[],
  { bias, residual }: LinearCase,
): { bias: T | null; residual: T | null } {
  return { bias: bias ? inputs[2]! : null, residual: residual ? inputs.at(-1)! : null };
}

/** In double, with the weights that are stored. */
export function linearReference(inputs: readonly Reference[], options: LinearCase): Reference {
  const x = inputs[0]!;
  const { bias, residual } = parts(inputs, options);
  const weight = options.weights ? storedWeight(inputs[1]!, options.weights) : inputs[1]!;
  const [outputs, depth] = weight.shape as [number, number];
  const activation = options.activation ? activationReferences[options.activation] : (z: number) => z;
  return referenceOf([...x.shape.slice(0, -1), outputs], (index) => {
    const row = Math.floor(index / outputs);
    const output = index % outputs;
    let sum = bias ? bias.data[output]! : 0;
    for (let k = 0; k < depth; k++) sum += x.data[row * depth + k]! * weight.data[output * depth + k]!;
    return activation(sum) + (residual ? residual.data[index]! : 0);
  });
}

interface Size {
  readonly rows: readonly number[];
  readonly inputs: number;
  readonly outputs: number;
  readonly bias?: boolean;
  readonly residual?: boolean;
  readonly activation?: LinearActivation;
}

/**
 * Odd sizes around every edge: one and two rows, tile remainders, panel remainders (8, 16, 64 columns), blocks of k (384),
 * parts (192) and blocks (480) of the rows.
 */
const sizes: readonly Size[] = [
  { rows: [1], inputs: 1, outputs: 1 },
  { rows: [1], inputs: 391, outputs: 333, bias: true, residual: true },
  { rows: [2], inputs: 390, outputs: 75, bias: true, activation: 'relu' },
  { rows: [3, 5], inputs: 7, outputs: 9, bias: true },
  { rows: [6], inputs: 17, outputs: 64, bias: true, activation: 'gelu' },
  { rows: [13], inputs: 33, outputs: 65, residual: true },
  { rows: [2, 16], inputs: 20, outputs: 31, activation: 'relu' },
  { rows: [50], inputs: 385, outputs: 130, bias: true, activation: 'silu', residual: true },
  { rows: [7], inputs: 70, outputs: 400, bias: true, activation: 'geluTanh' },
  { rows: [203], inputs: 60, outputs: 20, activation: 'quickGelu' },
  { rows: [499], inputs: 9, outputs: 17, bias: true, residual: true },
  // Several of CUDA's large tiles of 128 x 128, and groups of 64 inputs that end in different ones.
  { rows: [131], inputs: 150, outputs: 133, bias: true, activation: 'relu' },
  // Eight rows or fewer, more than the 1024 inputs that CUDA's kernel for these takes at once.
  { rows: [5], inputs: 1030, outputs: 21, residual: true },
];

const casesOf = (weights: WeightType | null): OpCase<LinearCase>[] =>
  sizes.map(({ rows, inputs, outputs, bias = false, residual = false, activation }) => ({
    inputs: [
      { shape: [...rows, inputs] },
      { shape: [outputs, inputs], differentiable: weights === null },
      ...(bias ? [{ shape: [outputs] }] : []),
      ...(residual ? [{ shape: [...rows, outputs] }] : []),
    ],
    options: { weights, bias, residual, ...(activation ? { activation } : {}) },
  }));

const timedOf = (weights: WeightType | null): TimedCase<LinearCase>[] =>
  [
    [1, 768, 3072],
    [16, 768, 3072],
    [64, 768, 768],
    [1024, 768, 3072],
    [1024, 3072, 768],
    [1280, 192, 768],
  ].map(([rows, inputs, outputs]) => ({
    label: `${rows} x ${inputs} -> ${outputs}`,
    inputs: [{ shape: [rows!, inputs!] }, { shape: [outputs!, inputs!] }, { shape: [outputs!] }],
    options: { weights, bias: true, residual: false },
    operations: 2 * rows! * inputs! * outputs!,
  }));

// A sum of k products in float32 is off by at most about k * 2^-24 * sum|a b|; with normal inputs and k <= 400 the sum
// of magnitudes is near 0.64 k, and errors add up like a random walk: sqrt(k) * 2^-24 * 0.64 k < 4e-4 at the very worst.
// Activations have slopes of at most 1.13.
const tolerance = { absolute: 5e-5, relative: 1e-5 };

const contract =
  'activation(x [..., inputs] weight [outputs, inputs]ᵀ + bias [outputs]) + residual [..., outputs] → [..., outputs]';

function linearOpOf(name: string, weights: WeightType | null): OpEntry {
  return defineOp<LinearCase>({
    name,
    contract: weights ? `${contract}; the weight is frozen` : contract,
    run: (inputs, options) => {
      const { bias, residual } = parts(inputs, options);
      const weight = weights ? new PackedWeight(inputs[1]!, { dtype: weights }) : inputs[1]!;
      return linear(inputs[0]!, weight, bias, { activation: options.activation ?? null, residual });
    },
    reference: linearReference,
    cases: casesOf(weights),
    tolerance,
    timed: timedOf(weights),
  });
}

export const linearOps: readonly OpEntry[] = [
  linearOpOf('linear', null),
  ...weightTypes.map((dtype) => linearOpOf(`linear (${weightName(dtype)})`, dtype)),
];

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
