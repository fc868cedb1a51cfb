import { record } from '../autograd/node.js';
import { checkType } from '../core/checks.js';
import { OcelliError } from '../core/errors.js';
import { run } from '../core/run.js';
import { empty, type Tensor } from '../core/tensor.js';

/**
 * Sets elements to zero with a probability and scales the others by 1 / (1 - probability). The mask comes from counters
 * (Philox), so the same seed and offset give the same mask, and none is stored.
 */
export function dropout(x: Tensor, options: { probability: number; seed: number; offset: number }): Tensor {
  const { probability, seed, offset } = options;
  checkType('dropout', 'x', x);
  if (!(probability >= 0 && probability < 1)) {
    throw new OcelliError('dropout', `probability must be in [0, 1), got ${probability}`);
  }
  const apply = (input: Tensor): Tensor => {
    const result = empty(x.shape);
    run('dropout', [input, result], [x.size, probability, seed, offset]);
    return result;
  };
  return record('dropout', [x], apply(x), (gradient) => [apply(gradient)]);
}
