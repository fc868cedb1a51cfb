import type { Tensor } from '../core/tensor.js';
import { exp, gelu, geluTanh, log, quickGelu, relu, sigmoid, silu, tanh } from '../ops/activation.js';
import type { LinearActivation } from '../ops/linear.js';
import { erf } from './erf.js';
import { mapReference } from './reference.js';
import { defineOp, type Fill, type InputSpec, type OpEntry, type Tolerance } from './types.js';

const logistic = (x: number): number => 1 / (1 + Math.exp(-x));

/** Those that a linear layer applies too. */
export const activationReferences: Record<LinearActivation, (x: number) => number> = {
  relu: (x) => Math.max(x, 0),
  gelu: (x) => 0.5 * x * (1 + erf(x / Math.SQRT2)),
  geluTanh: (x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
  silu: (x) => x * logistic(x),
  quickGelu: (x) => x * logistic(1.702 * x),
};

// Where functions saturate, where squares and cubes overflow, and around 0. Some have no derivative there.
const edges: Fill = {
  kind: 'values',
  values: [0, 1e-30, -1e-6, 0.6249, -0.6251, 5.7, -5.7, -20, 30, -90, 1e4, -1e20, 1e30],
};

function activationOp(
  name: string,
  run: (x: Tensor) => Tensor,
  reference: (x: number) => number,
  tolerance: Tolerance,
  gradientTolerance: Tolerance,
  inputs: { fill: Fill; edges: Fill } = { fill: { kind: 'normal', scale: 3 }, edges },
): OpEntry {
  const spec = (...shape: number[]): InputSpec => ({ shape, fill: inputs.fill });
  return defineOp<Record<string, never>>({
    name,
    contract: 'x [...] → [...]',
    run: ([x]) => run(x!),
    reference: ([x]) => mapReference(x!, reference),
    cases: [
      { inputs: [spec(1)], options: {} },
      { inputs: [spec(3, 5)], options: {} },
      { inputs: [spec(2, 3, 16)], options: {} },
      { inputs: [spec(3, 11003)], options: {} },
      { inputs: [{ shape: [39], fill: inputs.edges, differentiable: false }], options: {} },
    ],
    tolerance,
    gradientTolerance,
    timed: [64, 1024].map((rows) => ({
      label: `${rows} x 3072`,
      inputs: [{ shape: [rows, 3072], fill: inputs.fill }],
      options: {},
      bytes: 8 * rows * 3072,
    })),
  });
}

// Rounding is 6e-8 a step; the exponential is within 2e-7, and errors of the slope are magnified by a gradient of up to 5.
const rounding: Tolerance = { absolute: 1e-7, relative: 1e-6 };
const slope: Tolerance = { absolute: 2e-6, relative: 3e-6 };

export const activationOps: readonly OpEntry[] = [
  activationOp(
    'relu',
    relu,
    activationReferences.relu,
    { absolute: 0, relative: 0 },
    { absolute: 0, relative: 0 },
  ),
  // erf is within 3e-7 and magnified by x / 2 up to x = 5.6, where the tail of 1e-8 is cut off.
  activationOp('gelu', gelu, activationReferences.gelu, { absolute: 1e-6, relative: 5e-7 }, slope),
  activationOp('geluTanh', geluTanh, activationReferences.geluTanh, rounding, {
    absolute: 1e-5,
    relative: 3e-6,
  }),
  // The relative accuracy near 0 matters: a gate starts there.
  activationOp('tanh', tanh, Math.tanh, { absolute: 0, relative: 3e-7 }, slope),
  activationOp('sigmoid', sigmoid, logistic, rounding, slope),
  activationOp('silu', silu, activationReferences.silu, rounding, slope),
  activationOp('quickGelu', quickGelu, activationReferences.quickGelu, rounding, {
    absolute: 4e-6,
    relative: 3e-6,
  }),
  activationOp(
    'exp',
    exp,
    (x) => (x > 88.7228394 ? Number.POSITIVE_INFINITY : Math.exp(x)),
    { absolute: 3e-45, relative: 3e-7 },
    { absolute: 1e-6, relative: 1e-6 },
    {
      fill: { kind: 'normal', scale: 2 },
      // Up to the largest float, down through the subnormal ones, and beyond.
      edges: {
        kind: 'values',
        values: [0, -0.3, 88.4, 88.7, 88.72283, 200, -87.2, -87.4, -95, -103.2, -110],
      },
    },
  ),
  activationOp(
    'log',
    log,
    Math.log,
    { absolute: 0, relative: 3e-7 },
    { absolute: 0, relative: 1e-6 },
    {
      fill: { kind: 'positive' },
      edges: { kind: 'values', values: [1, 0, 1.0001, 0.9999, 1e-38, 1e-41, 1e38, 0.71, 1.4143] },
    },
  ),
];
