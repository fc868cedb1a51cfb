import { record } from '../autograd/node.js';
import { checkRank, checkType } from '../core/checks.js';
import { OcelliError } from '../core/errors.js';
import { run } from '../core/run.js';
import { formatShape } from '../core/shape.js';
import { empty, type Tensor } from '../core/tensor.js';

/**
 * Cuts pictures into square tiles, row by row; with a linear it is a convolution whose stride is its size.
 *
 * @param x `[batch, channels, height, width]` float32.
 * @returns `[batch, tiles, channels * size * size]`, each tile in the order (channel, y, x).
 */
export function patchify(x: Tensor, size: number): Tensor {
  checkType('patchify', 'x', x);
  checkRank('patchify', 'x', x, 4, 4);
  const [batch, channels, height, width] = x.shape as [number, number, number, number];
  if (!Number.isInteger(size) || size < 1) {
    throw new OcelliError('patchify', `size must be a whole number of at least 1, got ${size}`);
  }
  if (height % size !== 0 || width % size !== 0) {
    throw new OcelliError(
      'patchify',
      `pictures ${formatShape(x.shape)} cannot be cut into tiles of ${size} x ${size}`,
    );
  }
  const sizes = [batch, channels, height, width, size];
  const y = empty([batch, (height / size) * (width / size), channels * size * size]);
  run('patchify', [x, y], sizes);
  const backward = (gradient: Tensor): Tensor[] => {
    const dx = empty(x.shape);
    run('patchify_backward', [gradient, dx], sizes);
    return [dx];
  };
  return record('patchify', [x], y, backward, [], []);
}
