import type { DType } from './dtype.js';
import { OcelliError } from './errors.js';
import { formatShape, type Shape, sameShape } from './shape.js';
import type { Tensor } from './tensor.js';

/** Throws unless `tensor` has this type. `name` is the argument's name in the op's signature. */
export function checkType(operation: string, name: string, tensor: Tensor, dtype: DType = 'float32'): void {
  if (tensor.dtype !== dtype) {
    throw new OcelliError(
      operation,
      `${name} must be ${dtype}, got ${tensor.dtype} ${formatShape(tensor.shape)}; convert it with cast()`,
    );
  }
}

/** Throws unless `tensor` has exactly this shape. */
export function checkShapeIs(operation: string, name: string, tensor: Tensor, shape: Shape): void {
  if (!sameShape(tensor.shape, shape)) {
    throw new OcelliError(
      operation,
      `${name} must be ${formatShape(shape)}, got ${formatShape(tensor.shape)}`,
    );
  }
}

/** Throws unless `tensor` has between `least` and `most` axes. */
export function checkRank(
  operation: string,
  name: string,
  tensor: Tensor,
  least: number,
  most = Infinity,
): void {
  if (tensor.rank < least || tensor.rank > most) {
    const wanted =
      least === most ? `${least}` : most === Infinity ? `at least ${least}` : `${least} to ${most}`;
    throw new OcelliError(operation, `${name} must have ${wanted} axes, got ${formatShape(tensor.shape)}`);
  }
}
