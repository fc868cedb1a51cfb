import { record } from '../autograd/node.js';
import { checkRank } from '../core/checks.js';
import { bytesPerElement } from '../core/dtype.js';
import { OcelliError } from '../core/errors.js';
import { run } from '../core/run.js';
import { sizeOf } from '../core/shape.js';
import { empty, type Tensor } from '../core/tensor.js';

/** Swaps the last two axes. */
export function transpose(x: Tensor): Tensor {
  checkRank('transpose', 'x', x, 2);
  const [rows, columns] = x.shape.slice(-2) as [number, number];
  if (bytesPerElement[x.dtype] !== 4) {
    throw new OcelliError('transpose', `x must be float32 or int32, got ${x}; convert it with cast()`);
  }
  const batch = sizeOf(x.shape.slice(0, -2));
  const turn = (input: Tensor, height: number, width: number): Tensor => {
    const result = empty([...x.shape.slice(0, -2), width, height], x.dtype);
    run('transpose_matrices', [input, result], [batch, height, width]);
    return result;
  };
  const backward = (gradient: Tensor): Tensor[] => [turn(gradient, columns, rows)];
  return record('transpose', [x], turn(x, rows, columns), backward, [], []);
}
