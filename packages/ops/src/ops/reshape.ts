import { record } from '../autograd/node.js';
import { OcelliError } from '../core/errors.js';
import { formatShape, type Shape, sizeOf } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';

/** The same elements in another shape; free of cost. One extent may be -1 and is then worked out. */
export function reshape(x: Tensor, shape: Shape): Tensor {
  const known = sizeOf(shape.filter((extent) => extent !== -1));
  const unknown = shape.filter((extent) => extent === -1).length;
  const final = shape.map((extent) => (extent === -1 ? x.size / Math.max(1, known) : extent));
  if (
    unknown > 1 ||
    final.some((extent) => !Number.isInteger(extent) || extent < 0) ||
    sizeOf(final) !== x.size
  ) {
    throw new OcelliError(
      'reshape',
      `${formatShape(x.shape)} (${x.size} elements) cannot become ${formatShape(shape)}`,
    );
  }
  return record('reshape', [x], x.view(final), (gradient) => [gradient.view(x.shape)], [], []);
}
