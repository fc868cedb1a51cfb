import { record } from '../autograd/node.js';
import { checkType } from '../core/checks.js';
import { run } from '../core/run.js';
import { normalizeAxis, sizeOf } from '../core/shape.js';
import { empty, type Tensor } from '../core/tensor.js';

function reduce(
  name: string,
  x: Tensor,
  axis: number | undefined,
  factorOf: (count: number) => number,
): Tensor {
  checkType(name, 'x', x);
  const at = axis === undefined ? undefined : normalizeAxis(name, axis, x.rank);
  const outer = at === undefined ? 1 : sizeOf(x.shape.slice(0, at));
  const middle = at === undefined ? x.size : x.shape[at]!;
  const inner = at === undefined ? 1 : sizeOf(x.shape.slice(at + 1));
  const factor = factorOf(middle);
  const y = empty(at === undefined ? [] : x.shape.filter((_, i) => i !== at));
  run('reduce_sum', [x, null, y], [outer, middle, inner, factor]);
  const backward = (gradient: Tensor): Tensor[] => {
    const dx = empty(x.shape);
    run('expand', [gradient, dx], [outer, middle, inner, factor]);
    return [dx];
  };
  return record(name, [x], y, backward, [], []);
}

/** The sum over an axis, which disappears; over everything, to a scalar, by default. */
export function sum(x: Tensor, options: { axis?: number } = {}): Tensor {
  return reduce('sum', x, options.axis, () => 1);
}

/** The mean over an axis, which disappears; over everything, to a scalar, by default. */
export function mean(x: Tensor, options: { axis?: number } = {}): Tensor {
  return reduce('mean', x, options.axis, (count) => 1 / count);
}
