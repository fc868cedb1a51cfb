import { beforeReplay, capturing } from './capturing.js';
import type { Shape } from './shape.js';
import { Storage } from './storage.js';
import { inferType, Tensor, tensor } from './tensor.js';

/**
 * A value that JavaScript computes for each run of ops: now, and anew before each replay of the capture that is on.
 *
 * @returns gives the latest.
 */
export function hostValue<Value>(compute: () => Value): () => Value {
  let value = compute();
  beforeReplay(() => {
    value = compute();
  });
  return () => value;
}

/**
 * As `tensor(read(), shape)`, for values that are others at the next replay of the capture that is on: it reads anew.
 *
 * @param read gives as many elements each time.
 */
export function hostTensor(read: () => Float32Array | Int32Array | Uint8Array, shape: Shape): Tensor {
  const current = capturing();
  if (!current) return tensor(read(), shape);
  const values = read();
  const storage = Storage.constant(current, values);
  beforeReplay(() => current.device.native.write(storage.handle, 0, read()));
  return new Tensor(storage.retain(), shape, inferType(values));
}
