import { bytesPerElement } from '../core/dtype.js';
import { OcelliError } from '../core/errors.js';
import { run } from '../core/run.js';
import { formatShape, sameShape, sizeOf } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';

/**
 * Overwrites rows of `target` with those of `source`, in place: for memory that fills step by step. Autograd does not see it.
 *
 * @param target `[batch, capacity, ...]`.
 * @param source `[batch, rows, ...]` of the same type.
 * @param start int32 `[1]`: the row of each block of `target` that takes its first row of `source`. The device looks at it, so the
 *   next wait rejects where the rows do not fit.
 */
export function writeRows(target: Tensor, source: Tensor, start: Tensor): void {
  const [batch, capacity, ...row] = target.shape;
  const [sourceBatch, rows, ...sourceRow] = source.shape;
  const fits = rows !== undefined && sourceBatch === batch && rows <= capacity! && sameShape(row, sourceRow);
  if (!fits || source.dtype !== target.dtype) {
    throw new OcelliError(
      'writeRows',
      `${formatShape(source.shape)} ${source.dtype} are no rows for ${formatShape(target.shape)} ${target.dtype}; ` +
        'only the second axis may differ, and be shorter',
    );
  }
  if (start.dtype !== 'int32' || start.size !== 1) {
    throw new OcelliError(
      'writeRows',
      `start must be int32 [1], got ${formatShape(start.shape)} ${start.dtype}`,
    );
  }
  if (source.size === 0) return;
  const bytes = sizeOf(row) * bytesPerElement[target.dtype];
  run('write_rows', [source, start, target], [batch!, rows * bytes, capacity! * bytes, bytes]);
}
