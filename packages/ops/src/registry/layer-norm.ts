import { layerNorm } from '../ops/layer-norm.js';
import { referenceOf } from './reference.js';
import { defineOp, type OpCase } from './types.js';

interface LayerNormCaseOptions {
  weight: boolean;
  bias: boolean;
  epsilon: number;
}

function layerNormCase(
  shape: number[],
  weight: boolean,
  bias: boolean,
  epsilon = 1e-5,
): OpCase<LayerNormCaseOptions> {
  const width = shape.at(-1)!;
  return {
    inputs: [{ shape }, ...(weight ? [{ shape: [width] }] : []), ...(bias ? [{ shape: [width] }] : [])],
    options: { weight, bias, epsilon },
  };
}

export const layerNormOp = defineOp<LayerNormCaseOptions>({
  name: 'layerNorm',
  contract: 'x [..., width], weight [width], bias [width] → [..., width]',
  run: ([x, ...rest], { weight, bias, epsilon }) =>
    layerNorm(x!, { weight: weight ? rest.shift() : null, bias: bias ? rest.shift() : null, epsilon }),
  reference: ([x, ...rest], options) => {
    const weight = options.weight ? rest.shift() : undefined;
    const bias = options.bias ? rest.shift() : undefined;
    const width = x!.shape.at(-1)!;
    const rows = Array.from({ length: x!.data.length / width }, (_, row) => {
      const values = x!.data.subarray(row * width, (row + 1) * width);
      const mean = values.reduce((a, b) => a + b, 0) / width;
      const variance = values.reduce((total, value) => total + (value - mean) ** 2, 0) / width;
      return { mean, scale: 1 / Math.sqrt(variance + options.epsilon) };
    });
    return referenceOf(x!.shape, (index) => {
      const { mean, scale } = rows[Math.floor(index / width)]!;
      const column = index % width;
      return (x!.data[index]! - mean) * scale * (weight?.data[column] ?? 1) + (bias?.data[column] ?? 0);
    });
  },
  cases: [
    layerNormCase([3, 5], false, false, 0.1),
    layerNormCase([2, 3, 16], true, true),
    layerNormCase([7, 33], true, false),
    layerNormCase([4, 100], false, true),
    layerNormCase([6, 768], true, true, 1e-6),
    layerNormCase([300, 70], true, true),
  ],
  // A handful of roundings of values up to 5.
  tolerance: { absolute: 2e-6, relative: 2e-6 },
  // Differences of sums over the row, and over up to 300 rows for the weight: sqrt(300) * 6e-8 * 5 on average.
  gradientTolerance: { absolute: 2e-5, relative: 1e-5 },
  timed: [64, 1024, 4096].map((rows) => ({
    label: `${rows} x 768`,
    ...layerNormCase([rows, 768], true, true),
    bytes: 8 * rows * 768,
  })),
});
