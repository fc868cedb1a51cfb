import { type Backward, needsGradient, record } from '../autograd/node.js';
import { checkRank, checkType } from '../core/checks.js';
import { OcelliError } from '../core/errors.js';
import { run } from '../core/run.js';
import { formatShape } from '../core/shape.js';
import { empty, type Tensor } from '../core/tensor.js';

interface MatmulSizes {
  rows: number;
  inner: number;
  columns: number;
  transposeA?: boolean;
  transposeB?: boolean;
  /** `[columns]`, added to every row. */
  bias?: Tensor | null;
  /** `[rows, columns]`, added last. */
  residual?: Tensor | null;
  /** The kernels' number of an activation; -1 for none. */
  activation?: number;
  /** Gets what the activation's derivative needs. */
  saved?: Tensor | null;
  /** `[rows]`, gets the sums of op(a) over the inner dimension; only with transposeA and without transposeB. */
  sums?: Tensor | null;
}

/** `out = op(a) op(b)` on flat row-major memory, without checks; for ops. */
export function matmulInto(a: Tensor, b: Tensor, out: Tensor, sizes: MatmulSizes): void {
  const { rows, inner, columns, transposeA = false, transposeB = false } = sizes;
  const { bias = null, residual = null, activation = -1, saved = null, sums = null } = sizes;
  const scalars = [rows, inner, columns, Number(transposeA), Number(transposeB), activation];
  run('matmul', [a, b, bias, residual, out, saved, sums], scalars);
}

/**
 * The matrix product of `a` `[rows, inner]` and `b` `[inner, columns]`, both float32.
 *
 * @returns `[rows, columns]`.
 */
export function matmul(a: Tensor, b: Tensor): Tensor {
  checkType('matmul', 'a', a);
  checkType('matmul', 'b', b);
  checkRank('matmul', 'a', a, 2, 2);
  checkRank('matmul', 'b', b, 2, 2);
  const [rows, inner] = a.shape as [number, number];
  const columns = b.shape[1] as number;
  if (b.shape[0] !== inner) {
    throw new OcelliError(
      'matmul',
      `inner dimensions differ: a is ${formatShape(a.shape)}, b is ${formatShape(b.shape)}`,
    );
  }
  const y = empty([rows, columns]);
  matmulInto(a, b, y, { rows, inner, columns });
  const backward: Backward = (gradient, [needsA, needsB]) => {
    const da = needsA ? empty(a.shape) : null;
    const db = needsB ? empty(b.shape) : null;
    if (da) matmulInto(gradient, b, da, { rows, inner: columns, columns: inner, transposeB: true });
    if (db) matmulInto(a, gradient, db, { rows: inner, inner: rows, columns, transposeA: true });
    return [da, db];
  };
  const reads = [needsGradient(b) ? a : null, needsGradient(a) ? b : null];
  return record('matmul', [a, b], y, backward, [], reads);
}
