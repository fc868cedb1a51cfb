import { rmsNorm } from '../ops/rms-norm.js';
import { referenceOf } from './reference.js';
import { defineOp, type OpCase } from './types.js';

interface RmsNormCaseOptions {
  readonly epsilon: number;
}

function rmsNormCase(shape: number[], weight: boolean, epsilon = 1e-5): OpCase<RmsNormCaseOptions> {
  const width = shape.at(-1)!;
  return { inputs: [{ shape }, ...(weight ? [{ shape: [width] }] : [])], options: { epsilon } };
}

export const rmsNormOp = defineOp<RmsNormCaseOptions>({
  name: 'rmsNorm',
  contract: 'x [..., width], weight [width] → [..., width]',
  run: ([x, weight], { epsilon }) => rmsNorm(x!, { weight: weight ?? null, epsilon }),
  reference: ([x, weight], { epsilon }) => {
    const width = x!.shape.at(-1)!;
    const scales = Array.from({ length: x!.data.length / width }, (_, row) => {
      const values = x!.data.subarray(row * width, (row + 1) * width);
      return 1 / Math.sqrt(values.reduce((total, value) => total + value ** 2, 0) / width + epsilon);
    });
    return referenceOf(
      x!.shape,
      (index) => x!.data[index]! * scales[Math.floor(index / width)]! * (weight?.data[index % width] ?? 1),
    );
  },
  cases: [
    rmsNormCase([3, 5], false, 0.1),
    rmsNormCase([2, 3, 16], true),
    rmsNormCase([7, 33], true),
    rmsNormCase([4, 100], false),
    rmsNormCase([6, 768], true, 1e-6),
    rmsNormCase([300, 70], true),
  ],
  // A handful of roundings of values up to 5.
  tolerance: { absolute: 2e-6, relative: 2e-6 },
  // Differences of sums over the row, and over up to 300 rows for the weight: sqrt(300) * 6e-8 * 5 on average.
  gradientTolerance: { absolute: 2e-5, relative: 1e-5 },
  timed: [64, 1024, 4096].map((rows) => ({
    label: `${rows} x 768`,
    ...rmsNormCase([rows, 768], true),
    bytes: 8 * rows * 768,
  })),
});
