import { sizeOf } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { mean, sum } from '../ops/reduce.js';
import { defineOp, type OpEntry, type Reference } from './types.js';

interface ReduceOptions {
  axis?: number;
}

function sumReference(x: Reference, axis: number | undefined): Reference {
  if (axis === undefined)
    return { shape: [], data: Float64Array.of(x.data.reduce((total, value) => total + value, 0)) };
  const at = axis < 0 ? axis + x.shape.length : axis;
  const middle = x.shape[at]!;
  const inner = sizeOf(x.shape.slice(at + 1));
  const data = new Float64Array(x.data.length / middle);
  for (const [index, value] of x.data.entries()) {
    data[Math.floor(index / (middle * inner)) * inner + (index % inner)]! += value;
  }
  return { shape: x.shape.filter((_, i) => i !== at), data };
}

/** All three ways through memory, sums that span several blocks, and rows shorter than a register. */
const cases: [shape: number[], axis?: number][] = [
  [[1]],
  [[3, 7]],
  [[70001]],
  [[5, 9], 0],
  [[5, 9], 1],
  [[200, 33], 0],
  [[333, 3], 0],
  [[64, 301], -1],
  [[2, 40000], 1],
  [[3, 130, 18], 1],
  [[2, 3, 4, 5], -2],
];

function reduceOp(
  name: string,
  run: (x: Tensor, options: ReduceOptions) => Tensor,
  isMean: boolean,
): OpEntry {
  return defineOp<ReduceOptions>({
    name,
    contract: 'x [...], an axis or all → x without that axis',
    run: ([x], options) => run(x!, options),
    reference: ([x], { axis }) => {
      const total = sumReference(x!, axis);
      const factor = isMean ? total.data.length / x!.data.length : 1;
      return { shape: total.shape, data: total.data.map((value) => value * factor) };
    },
    cases: cases.map(([shape, axis]) => ({ inputs: [{ shape }], options: { axis } })),
    // 64 additions a lane in float, whose partial sums are near 8 and round by 2e-7, then in double: 2e-6 a lane at random,
    // 1100 lanes in the longest sum with the shortest registers.
    tolerance: { absolute: isMean ? 1e-6 : 6e-5, relative: 1e-6 },
    gradientTolerance: { absolute: 1e-7, relative: 1e-6 },
    timed: (
      [[[1024, 768]], [[1024, 768], 0], [[1024, 768], 1], [[8192, 4096], 0]] as [number[], number?][]
    ).map(([shape, axis]) => ({
      label: `[${shape}]${axis === undefined ? '' : ` over axis ${axis}`}`,
      inputs: [{ shape }],
      options: { axis },
      bytes: 4 * sizeOf(shape),
    })),
  });
}

export const reduceOps: readonly OpEntry[] = [reduceOp('sum', sum, false), reduceOp('mean', mean, true)];
