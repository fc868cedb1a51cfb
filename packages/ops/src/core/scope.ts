import type { GradientNode } from '../autograd/node.js';
import { Tensor } from './tensor.js';

interface Frame {
  tensors: Set<Tensor>;
  nodes: Set<GradientNode>;
}

const frames: Frame[] = [];

/** Called by every new tensor. */
export function enterScope(tensor: Tensor): void {
  frames.at(-1)?.tensors.add(tensor);
}

/** Called by every recorded op. */
export function enterNode(node: GradientNode): void {
  frames.at(-1)?.nodes.add(node);
}

function release(value: unknown, frame: Frame, parent: Frame | undefined): void {
  if (value instanceof Tensor) {
    if (frame.tensors.delete(value)) parent?.tensors.add(value);
    releaseNodes(value, frame, parent);
  } else if (Array.isArray(value)) {
    for (const item of value) release(item, frame, parent);
  } else if (
    value !== null &&
    typeof value === 'object' &&
    Object.getPrototypeOf(value) === Object.prototype
  ) {
    for (const item of Object.values(value)) release(item, frame, parent);
  }
}

/** What ops saved on the way to `result` outlives the scope with it. */
function releaseNodes(result: Tensor, frame: Frame, parent: Frame | undefined): void {
  const pending = [result.node];
  while (pending.length > 0) {
    const node = pending.pop();
    if (!node || !frame.nodes.delete(node)) continue;
    parent?.nodes.add(node);
    for (const input of node.inputs) if (input?.node) pending.push(input.node);
  }
}

/**
 * Runs `body` and frees every tensor that it made and does not return (in the value itself, an array or a plain
 * object). What the backward pass of a returned tensor reads stays in memory, and nothing else: a scope around a part of a
 * model keeps what is saved for backward to the minimum. Ops only enqueue work, so freeing is safe while kernels still run.
 * `body` must be synchronous: await results outside.
 */
export function scope<Result>(body: () => Result): Result {
  const frame: Frame = { tensors: new Set(), nodes: new Set() };
  frames.push(frame);
  try {
    const result = body();
    release(result, frame, frames.at(-2));
    return result;
  } finally {
    frames.splice(frames.indexOf(frame), 1);
    for (const node of frame.nodes) node.release();
    for (const tensor of frame.tensors) tensor.dispose();
  }
}

/** Takes a tensor out of every open scope, so that it lives until `dispose()`. */
export function keep<T extends Tensor>(tensor: T): T {
  for (const frame of frames) frame.tensors.delete(tensor);
  return tensor;
}
