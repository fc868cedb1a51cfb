import { type Backward, record, willRecord } from '../autograd/node.js';
import { checkRank, checkShapeIs, checkType } from '../core/checks.js';
import { run } from '../core/run.js';
import { sizeOf } from '../core/shape.js';
import { empty, type Tensor } from '../core/tensor.js';

export interface LayerNormOptions {
  /** `[width]`; none is the same as ones. */
  readonly weight?: Tensor | null;
  /** `[width]`; none is the same as zeros. */
  readonly bias?: Tensor | null;
  /** Added to the variance. */
  readonly epsilon: number;
}

/**
 * Layer normalisation over the last axis (Ba et al. 2016).
 *
 * @param x `[..., width]` float32.
 * @returns `[..., width]`.
 */
export function layerNorm(x: Tensor, { weight = null, bias = null, epsilon }: LayerNormOptions): Tensor {
  checkType('layerNorm', 'x', x);
  checkRank('layerNorm', 'x', x, 1);
  const width = x.shape.at(-1)!;
  for (const [name, vector] of [
    ['weight', weight],
    ['bias', bias],
  ] as const) {
    if (!vector) continue;
    checkType('layerNorm', name, vector);
    checkShapeIs('layerNorm', name, vector, [width]);
  }
  const rows = sizeOf(x.shape.slice(0, -1));
  const y = empty(x.shape);
  const statistics = willRecord([x, weight, bias]) ? empty([rows, 2]) : null;
  run('layer_norm', [x, weight, bias, y, statistics], [rows, width, epsilon]);
  if (!statistics) return y;
  const backward: Backward = (gradient, [needsX, needsWeight, needsBias]) => {
    const dx = needsX ? empty(x.shape) : null;
    const dWeight = needsWeight ? empty([width]) : null;
    const dBias = needsBias ? empty([width]) : null;
    run('layer_norm_backward', [gradient, x, weight, statistics, dx, dWeight, dBias], [rows, width]);
    return [dx, dWeight, dBias];
  };
  return record('layerNorm', [x, weight, bias], y, backward, [statistics], [x, weight]);
}
