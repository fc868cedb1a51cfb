import { type CrossEntropyOptions, crossEntropy } from '../ops/cross-entropy.js';
import { logSoftmaxReference } from './softmax.js';
import { defineOp, type Fill, type OpCase, type Reference } from './types.js';

export function crossEntropyReference(
  logits: Reference,
  targets: Reference,
  options: CrossEntropyOptions,
): Reference {
  const { ignoreIndex = -100, reduction = 'mean', labelSmoothing = 0 } = options;
  const [rows, classes] = logits.shape as [number, number];
  const logarithms = logSoftmaxReference(logits).data;
  const losses = Float64Array.from(targets.data, (target, row) => {
    if (target === ignoreIndex) return 0;
    const all = logarithms.subarray(row * classes, (row + 1) * classes);
    return -(1 - labelSmoothing) * all[target]! - (labelSmoothing / classes) * all.reduce((a, b) => a + b, 0);
  });
  if (reduction === 'none') return { shape: [rows], data: losses };
  const counted = targets.data.filter((target) => target !== ignoreIndex).length;
  const total = losses.reduce((a, b) => a + b, 0);
  return { shape: [], data: Float64Array.of(reduction === 'sum' ? total : total / counted) };
}

function crossEntropyCase(
  rows: number,
  classes: number,
  options: CrossEntropyOptions,
  targets: Fill = { kind: 'integers', below: classes },
): OpCase<CrossEntropyOptions> {
  return {
    inputs: [
      { shape: [rows, classes], fill: { kind: 'normal', scale: 3 } },
      { shape: [rows], dtype: 'int32', fill: targets },
    ],
    options,
  };
}

export const crossEntropyOp = defineOp<CrossEntropyOptions>({
  name: 'crossEntropy',
  contract: 'logits [rows, classes], targets int32 [rows] → a scalar (mean, sum) or [rows]',
  run: ([logits, targets], options) => crossEntropy(logits!, targets!, options),
  reference: ([logits, targets], options) => crossEntropyReference(logits!, targets!, options),
  cases: [
    crossEntropyCase(1, 1, {}),
    crossEntropyCase(3, 5, { reduction: 'none' }),
    crossEntropyCase(7, 33, { reduction: 'sum' }),
    crossEntropyCase(6, 10, {}, { kind: 'values', values: [3, -100, 9, 0, -100, 5] }),
    crossEntropyCase(
      6,
      10,
      { ignoreIndex: 0, reduction: 'none' },
      { kind: 'values', values: [3, 0, 9, 0, 1, 5] },
    ),
    crossEntropyCase(5, 70, { labelSmoothing: 0.1 }),
    crossEntropyCase(
      4,
      9,
      { labelSmoothing: 0.3, reduction: 'sum' },
      { kind: 'values', values: [3, -100, 8, 0] },
    ),
    crossEntropyCase(2, 50272, {}),
    crossEntropyCase(40, 1100, { reduction: 'none' }),
  ],
  // log-sum-exp and the target's logit are near 20 and right to 2e-6 each; sums of losses grow with the rows.
  tolerance: { absolute: 4e-6, relative: 1e-6 },
  // exp(x - lse) with lse right to 1e-6.
  gradientTolerance: { absolute: 1e-6, relative: 5e-6 },
  timed: [16, 256].map((rows) => ({
    label: `${rows} x 50272`,
    ...crossEntropyCase(rows, 50272, {}),
    bytes: 4 * rows * 50272,
  })),
});
