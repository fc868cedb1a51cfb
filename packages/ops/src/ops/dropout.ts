import { record } from '../autograd/node.js';
import { refuseCapture } from '../core/capturing.js';
import { checkType } from '../core/checks.js';
import { OcelliError } from '../core/errors.js';
import { run } from '../core/run.js';
import { empty, type Tensor } from '../core/tensor.js';

/**
 * Sets elements to zero with a probability and scales the others by 1 / (1 - probability). The mask comes from counters
 * (Philox), so the same seed and offset give the same mask, and none is stored. Calls that must be independent of each other take
 * different offsets under one seed.
 */
export function dropout(x: Tensor, options: { probability: number; seed: number; offset: number }): Tensor {
  const { probability, seed, offset } = options;
  checkType('dropout', 'x', x);
  if (!(probability >= 0 && probability < 1)) {
    throw new OcelliError('dropout', `probability must be in [0, 1), got ${probability}`);
  }
  for (const [name, value] of [
    ['seed', seed],
    ['offset', offset],
  ] as const) {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new OcelliError('dropout', `${name} must be a whole number from 0 to 2^53 - 1, got ${value}`);
    }
  }
  refuseCapture('dropout', 'every replay would drop the same elements');
  const apply = (input: Tensor): Tensor => {
    const result = empty(x.shape);
    run('dropout', [input, result], [x.size, probability, seed, offset]);
    return result;
  };
  return record('dropout', [x], apply(x), (gradient) => [apply(gradient)], [], []);
}
