import type { Shape, Tensor } from '@ocelli/ops';
import type { WeightSource } from './weights.js';

/**
 * One of several weights that a checkpoint stacks into one tensor along the first axis.
 *
 * @param name of the stack.
 * @param shape of one part; all are alike.
 * @param part which, from 0.
 * @param parts how many.
 */
export function loadPart(
  source: WeightSource,
  name: string,
  shape: Shape,
  part: number,
  parts: number,
): Tensor {
  const [rows, ...rest] = shape as [number, ...number[]];
  using stack = source.load(name, [parts * rows, ...rest]);
  return stack.view(shape, (part * stack.size * 4) / parts);
}
