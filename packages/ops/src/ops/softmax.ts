import { record } from '../autograd/node.js';
import { checkRank, checkType } from '../core/checks.js';
import { run } from '../core/run.js';
import { sizeOf } from '../core/shape.js';
import { empty, type Tensor } from '../core/tensor.js';

function overRows(name: 'softmax' | 'log_softmax', operation: string, x: Tensor): Tensor {
  checkType(operation, 'x', x);
  checkRank(operation, 'x', x, 1);
  const width = x.shape.at(-1)!;
  const sizes = [sizeOf(x.shape.slice(0, -1)), width];
  const y = empty(x.shape);
  run(name, [x, y], sizes);
  const backward = (gradient: Tensor): Tensor[] => {
    const dx = empty(x.shape);
    run(`${name}_backward`, [gradient, y, dx], sizes);
    return [dx];
  };
  return record(operation, [x], y, backward, [], [y]);
}

/** exp(x) / Σ exp(x) over the last axis. */
export function softmax(x: Tensor): Tensor {
  return overRows('softmax', 'softmax', x);
}

/** The logarithm of softmax over the last axis. */
export function logSoftmax(x: Tensor): Tensor {
  return overRows('log_softmax', 'logSoftmax', x);
}
