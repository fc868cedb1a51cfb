import { run } from '../core/run.js';
import { type Tensor, zeros } from '../core/tensor.js';

/**
 * The factor by which gradients shrink so that their common L2 norm is at most `maximum`, as torch's clip_grad_norm_;
 * computed on the device, so nothing waits. Pass it to the optimizer's `step`.
 *
 * @returns a tensor with one element, at most 1.
 */
export function clipGradientNorm(parameters: readonly Tensor[], maximum: number): Tensor {
  const total = zeros([1]);
  for (const { grad } of parameters) if (grad) run('sum_of_squares', [grad, total], [grad.size]);
  run('clip_coefficient', [total, total], [maximum]);
  return total;
}
