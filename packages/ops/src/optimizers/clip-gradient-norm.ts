import { run } from '../core/run.js';
import { type Tensor, zeros } from '../core/tensor.js';
import { callsOf } from './calls.js';

/**
 * The factor by which gradients shrink so that their common L2 norm is at most `maximum`, as torch's clip_grad_norm_;
 * computed on the device, so nothing waits. Pass it to the optimizer's `step`.
 *
 * @returns a tensor with one element, at most 1.
 */
export function clipGradientNorm(parameters: readonly Tensor[], maximum: number): Tensor {
  const total = zeros([1]);
  const gradients = parameters.flatMap(({ grad }) => grad ?? []);
  for (const some of callsOf(gradients)) {
    run(
      'sum_of_squares',
      [total, ...some],
      some.map((gradient) => gradient?.size ?? 0),
    );
  }
  run('clip_coefficient', [total, total], [maximum]);
  return total;
}
