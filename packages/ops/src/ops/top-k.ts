import { checkRank, checkType } from '../core/checks.js';
import { OcelliError } from '../core/errors.js';
import { run } from '../core/run.js';
import { formatShape } from '../core/shape.js';
import { empty, type Tensor } from '../core/tensor.js';

/** The greatest numbers of rows, and where they stand. */
export interface TopK {
  /** `[..., count]` float32, the greatest first. */
  readonly values: Tensor;
  /** `[..., count]` int32: their places in the row. */
  readonly ids: Tensor;
}

/**
 * The greatest numbers of each row, of equal ones those with the smallest place: torch.topk. NaN and -infinity are never
 * among them; what is left over has the value -infinity and the id -1. No gradient.
 *
 * @param x `[..., width]` float32.
 * @param count from 1 to width.
 */
export function topK(x: Tensor, count: number): TopK {
  checkType('topK', 'x', x);
  checkRank('topK', 'x', x, 1);
  const width = x.shape.at(-1)!;
  if (!Number.isInteger(count) || count < 1 || count > width) {
    throw new OcelliError(
      'topK',
      `count must be from 1 to ${width}, got ${count} (x is ${formatShape(x.shape)})`,
    );
  }
  const shape = [...x.shape.slice(0, -1), count];
  const values = empty(shape);
  const ids = empty(shape, 'int32');
  run('top_k', [x, values, ids], [x.size / width, width, count]);
  return { values, ids };
}
