import type { Tensor } from '../core/tensor.js';

/** One recorded op: how the gradient of its output becomes gradients of its inputs. */
export interface GradientNode {
  readonly name: string;
  readonly sequence: number;
  readonly inputs: readonly (Tensor | null)[];
  /**
   * Given the output's gradient, returns a gradient per input; null where none is needed. `needs[i]` says whether
   * input i wants one, so that work for frozen inputs is never done. Must return fresh tensors or the gradient itself.
   */
  readonly backward: (gradient: Tensor, needs: readonly boolean[]) => (Tensor | null)[];
  /** Tensors that only the backward pass uses; freed right after it. */
  readonly saved: readonly Tensor[];
}

let sequence = 0;
let recording = true;

/** True if a gradient has to reach this tensor. */
export function needsGradient(tensor: Tensor | null | undefined): boolean {
  return !!tensor && (tensor.requiresGrad || tensor.node !== null);
}

/** True if an op with these inputs has to be recorded; ask before computing what only backward uses. */
export function willRecord(inputs: readonly (Tensor | null | undefined)[]): boolean {
  return recording && inputs.some(needsGradient);
}

/** Attaches a node to `output` if any input needs a gradient; a subgraph without trainable leaf records nothing. */
export function record(
  name: string,
  inputs: readonly (Tensor | null)[],
  output: Tensor,
  backward: GradientNode['backward'],
  saved: readonly Tensor[] = [],
): Tensor {
  if (willRecord(inputs)) {
    output.node = { name, sequence: sequence++, inputs, backward, saved };
  } else {
    for (const tensor of saved) tensor.dispose();
  }
  return output;
}

/** Runs `body` without recording gradients. */
export function noGrad<Result>(body: () => Result): Result {
  const before = recording;
  recording = false;
  try {
    return body();
  } finally {
    recording = before;
  }
}
