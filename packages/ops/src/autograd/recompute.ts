import { scope } from '../core/scope.js';
import type { Tensor } from '../core/tensor.js';
import { GradientNode, isRecording, needsGradient, observe } from './node.js';

/**
 * `body(...inputs)` without keeping what its ops save for backward: they run again in the backward pass (gradient
 * checkpointing, Chen et al. 2016, arXiv 1604.06174). Result and gradients are the same to the bit as those of
 * `body(...inputs)`.
 *
 * Tensors that `body` uses without being given them may be trainable or need a gradient; they get it. All that it uses must
 * live until backward; `inputs` and what needs a gradient do so by themselves. `body` must do the same both times: seeds and
 * offsets of dropout are chosen outside of it, and it changes nothing but what it returns.
 *
 * @param body synchronous; returns one tensor.
 */
export function recompute(body: (...inputs: Tensor[]) => Tensor, inputs: readonly Tensor[]): Tensor {
  const compute = (): Tensor => scope(() => body(...inputs));
  if (!isRecording()) return compute();
  const { result, needed } = observe(compute);
  if (needed.size === 0) return result;
  const output = needsGradient(result) || inputs.includes(result) ? result.detach() : result;
  output.node = new GradientNode(
    'recompute',
    [...needed],
    { replay: compute },
    [],
    [...new Set([...needed, ...inputs])],
  );
  return output;
}
