import { type Backward, record, willRecord } from '../autograd/node.js';
import { checkRank, checkShapeIs, checkType } from '../core/checks.js';
import { run } from '../core/run.js';
import { sizeOf } from '../core/shape.js';
import { empty, type Tensor } from '../core/tensor.js';

export interface RmsNormOptions {
  /** `[width]`; none is the same as ones. */
  readonly weight?: Tensor | null;
  /** Added to the mean of squares. */
  readonly epsilon: number;
}

/**
 * Root mean square normalisation over the last axis (Zhang, Sennrich 2019, arXiv 1910.07467): `layerNorm` without the
 * mean and the bias, as LLaMA and T5 have it.
 *
 * @param x `[..., width]` float32.
 * @returns `[..., width]`.
 */
export function rmsNorm(x: Tensor, { weight = null, epsilon }: RmsNormOptions): Tensor {
  checkType('rmsNorm', 'x', x);
  checkRank('rmsNorm', 'x', x, 1);
  const width = x.shape.at(-1)!;
  if (weight) {
    checkType('rmsNorm', 'weight', weight);
    checkShapeIs('rmsNorm', 'weight', weight, [width]);
  }
  const rows = sizeOf(x.shape.slice(0, -1));
  const y = empty(x.shape);
  const statistics = willRecord([x, weight]) ? empty([rows]) : null;
  run('rms_norm', [x, weight, y, statistics], [rows, width, epsilon]);
  if (!statistics) return y;
  const backward: Backward = (gradient, [needsX, needsWeight]) => {
    const dx = needsX ? empty(x.shape) : null;
    const dWeight = needsWeight ? empty([width]) : null;
    run('rms_norm_backward', [gradient, x, weight, statistics, dx, dWeight], [rows, width]);
    return [dx, dWeight];
  };
  return record('rmsNorm', [x, weight], y, backward, [statistics], [x, weight]);
}
