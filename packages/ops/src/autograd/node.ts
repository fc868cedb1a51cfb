import { enterNode, keep } from '../core/scope.js';
import type { Tensor } from '../core/tensor.js';

/**
 * Given the output's gradient, returns a gradient per input; null where none is needed. `needs[i]` says whether input i
 * wants one, so that work for frozen inputs is never done. Must return fresh tensors or the gradient itself.
 */
export type Backward = (gradient: Tensor, needs: readonly boolean[]) => (Tensor | null)[];

let sequence = 0;

/** One recorded op: how the gradient of its output becomes gradients of its inputs. */
export class GradientNode {
  readonly sequence = sequence++;
  #made: readonly Tensor[];
  #read: readonly Tensor[];

  /**
   * @param pass the gradient's way through the op, or how to compute the output again with recording on: then the gradient
   *   goes through what that records, down to `inputs`.
   * @param made tensors that only backward uses; the node frees them.
   * @param read tensors that backward reads: their memory stays, whoever disposes them.
   */
  constructor(
    readonly name: string,
    readonly inputs: readonly (Tensor | null)[],
    readonly pass: Backward | { readonly replay: () => Tensor },
    made: readonly Tensor[],
    read: readonly (Tensor | null)[],
  ) {
    this.#made = made;
    for (const tensor of made) keep(tensor);
    this.#read = read.filter((tensor) => tensor !== null);
    for (const tensor of this.#read) tensor.retain();
    enterNode(this);
  }

  /** What this op keeps in memory for its backward pass. */
  get saved(): readonly Tensor[] {
    return [...this.#made, ...this.#read];
  }

  /** Lets go of what it saved; a second time does nothing. */
  release(): void {
    for (const tensor of this.#made) tensor.dispose();
    for (const tensor of this.#read) tensor.release();
    this.#made = [];
    this.#read = [];
  }
}

let recording = true;
let observed: Set<Tensor> | null = null;

/** True if a gradient has to reach this tensor. */
export function needsGradient(tensor: Tensor | null | undefined): boolean {
  return !!tensor && (tensor.requiresGrad || tensor.node !== null);
}

/** True unless inside `noGrad`. */
export function isRecording(): boolean {
  return recording;
}

/** True if an op with these inputs has to be recorded; ask before computing what only backward uses. */
export function willRecord(inputs: readonly (Tensor | null | undefined)[]): boolean {
  if (observed) for (const input of inputs) if (input && needsGradient(input)) observed.add(input);
  return recording && inputs.some(needsGradient);
}

/**
 * Attaches a node to `output` if any input needs a gradient; a subgraph without trainable leaf records nothing.
 *
 * @param made tensors that only backward uses.
 * @param read the tensors made elsewhere that backward reads, inputs and output among them: only these stay in memory when
 *   the scope around them ends. Default: all inputs and the output.
 */
export function record(
  name: string,
  inputs: readonly (Tensor | null)[],
  output: Tensor,
  backward: Backward,
  made: readonly Tensor[] = [],
  read: readonly (Tensor | null)[] = [...inputs, output],
): Tensor {
  if (willRecord(inputs)) output.node = new GradientNode(name, inputs, backward, made, read);
  else for (const tensor of made) tensor.dispose();
  return output;
}

function withMode<Result>(records: boolean, observes: Set<Tensor> | null, body: () => Result): Result {
  const before = [recording, observed] as const;
  recording = records;
  observed = observes;
  try {
    return body();
  } finally {
    [recording, observed] = before;
  }
}

/** Runs `body` without recording gradients. */
export function noGrad<Result>(body: () => Result): Result {
  return withMode(false, null, body);
}

/** Runs `body` with recording, inside of `noGrad` too. */
export function withGrad<Result>(body: () => Result): Result {
  return withMode(true, null, body);
}

/** Runs `body` without recording, and finds the tensors from outside of it through which it would have been recorded. */
export function observe<Result>(body: () => Result): { result: Result; needed: ReadonlySet<Tensor> } {
  const needed = new Set<Tensor>();
  return { result: withMode(false, needed, body), needed };
}
