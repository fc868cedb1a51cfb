import type { CrossEntropyOptions } from '../ops/cross-entropy.js';
import { linearCrossEntropy } from '../ops/linear-cross-entropy.js';
import { PackedWeight, type WeightType, weightTypes } from '../ops/packed-weight.js';
import { crossEntropyReference } from './cross-entropy.js';
import { linearReference } from './linear.js';
import { defineOp, type Fill, type OpCase, type OpEntry, type Reference, type TimedCase } from './types.js';
import { weightName } from './weight-types.js';

interface HeadOptions extends CrossEntropyOptions {
  /** Null: a plain tensor, differentiated too. */
  readonly weights: WeightType | null;
}

function headCase(
  [rows, width, classes]: readonly [number, number, number],
  options: HeadOptions,
  targets: Fill = { kind: 'integers', below: classes },
  scale = 1,
): OpCase<HeadOptions> {
  return {
    inputs: [
      { shape: [rows, width] },
      { shape: [classes, width], fill: { kind: 'normal', scale }, differentiable: options.weights === null },
      { shape: [rows], dtype: 'int32', fill: targets },
    ],
    options,
  };
}

/** Types that keep small integers. */
const exact: ReadonlySet<WeightType> = new Set(['float32', 'bfloat16', 'float16']);

/** Logits of several hundreds, exact and often equal: the maximum grows from block to block. */
const integers = (weights: WeightType | null): OpCase<HeadOptions> => ({
  inputs: [
    { shape: [19, 16], fill: { kind: 'integers', from: -8, below: 9 } },
    {
      shape: [2100, 16],
      fill: { kind: 'integers', from: -20, below: 21 },
      differentiable: weights === null,
    },
    { shape: [19], dtype: 'int32', fill: { kind: 'integers', below: 2100 } },
  ],
  options: { weights, reduction: 'none' },
});

/** One row and class; around registers, panels (16, 32, 64 classes), blocks of 64, ranges of classes and slabs of 256. */
const casesOf = (weights: WeightType | null): OpCase<HeadOptions>[] => [
  headCase([1, 1, 1], { weights }),
  headCase([1, 7, 5], { weights }),
  headCase([3, 5, 65], { weights, reduction: 'none' }),
  headCase([9, 33, 1030], { weights, reduction: 'none' }, undefined, 0.3),
  headCase([17, 20, 64], { weights, reduction: 'sum' }),
  headCase([33, 70, 131], { weights }, undefined, 0.3),
  headCase([40, 401, 31], { weights, reduction: 'none' }, undefined, 0.1),
  headCase([300, 6, 40], { weights, reduction: 'none' }),
  headCase([6, 8, 10], { weights }, { kind: 'values', values: [3, -100, 9, 0, -100, 5] }),
  headCase(
    [6, 8, 10],
    { weights, ignoreIndex: 0, reduction: 'none' },
    { kind: 'values', values: [3, 0, 9, 0, 1, 5] },
  ),
  headCase([530, 3, 12], { weights, reduction: 'none' }, { kind: 'values', values: [-100, 3, -100, 11, 0] }),
  headCase([4, 3, 9], { weights, reduction: 'sum' }, { kind: 'values', values: [-100] }),
  headCase([5, 18, 70], { weights, labelSmoothing: 0.1 }),
  headCase(
    [20, 9, 1100],
    { weights, labelSmoothing: 0.3, reduction: 'none' },
    { kind: 'values', values: [3, -100, 8, 1099] },
  ),
  ...(weights === null || exact.has(weights) ? [integers(weights)] : []),
];

const timed: TimedCase<HeadOptions>[] = [16, 64, 128, 512].map((rows) => ({
  label: `${rows} x 768 -> 50272`,
  ...headCase([rows, 768, 50272], { weights: 'float32' }, undefined, 0.02),
  operations: 2 * rows * 768 * 50272,
}));

function headOpOf(name: string, weights: WeightType | null): OpEntry {
  return defineOp<HeadOptions>({
    name,
    contract: `x [rows, width], ${weights ? 'frozen ' : ''}weight [classes, width], targets int32 [rows] → a scalar (mean, sum) or [rows]`,
    run: ([x, weight, targets], options) =>
      linearCrossEntropy(
        x!,
        weights ? new PackedWeight(weight!, { dtype: weights }) : weight!,
        targets!,
        options,
      ),
    reference: (inputs: readonly Reference[], options: HeadOptions) => {
      const logits = linearReference(inputs.slice(0, 2), { weights, bias: false, residual: false });
      return crossEntropyReference(logits, inputs[2]!, options);
    },
    cases: casesOf(weights),
    timed: weights === 'float32' ? timed : [],
    // A logit of up to 30, summed from 401 products, is right to 1e-6 of its magnitude; losses as those of crossEntropy.
    tolerance: { absolute: 1e-5, relative: 1e-6 },
    // Probabilities with that relative error, times weights up to 20 or inputs up to 8, and sums over 530 rows.
    gradientTolerance: { absolute: 1e-5, relative: 1e-5 },
  });
}

export const linearCrossEntropyOps: readonly OpEntry[] = [
  headOpOf('linearCrossEntropy', null),
  ...weightTypes.map((dtype) => headOpOf(`linearCrossEntropy (${weightName(dtype)})`, dtype)),
];
