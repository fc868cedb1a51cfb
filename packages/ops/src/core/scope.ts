import { Tensor } from './tensor.js';

interface Frame {
  tensors: Set<Tensor>;
}

const frames: Frame[] = [];

/** Called by every new tensor. */
export function enterScope(tensor: Tensor): void {
  frames.at(-1)?.tensors.add(tensor);
}

function release(value: unknown, frame: Frame, parent: Frame | undefined): void {
  if (value instanceof Tensor) {
    if (frame.tensors.delete(value)) parent?.tensors.add(value);
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

/**
 * Runs `body` and frees every tensor that it made and does not return (in the value itself, an array or a plain
 * object). Ops only enqueue work, so freeing is safe while kernels still run. `body` must be synchronous: await results
 * outside.
 */
export function scope<Result>(body: () => Result): Result {
  const frame: Frame = { tensors: new Set() };
  frames.push(frame);
  try {
    const result = body();
    release(result, frame, frames.at(-2));
    return result;
  } finally {
    frames.splice(frames.indexOf(frame), 1);
    for (const tensor of frame.tensors) tensor.dispose();
  }
}

/** Takes a tensor out of every open scope, so that it lives until `dispose()`. */
export function keep<T extends Tensor>(tensor: T): T {
  for (const frame of frames) frame.tensors.delete(tensor);
  return tensor;
}
