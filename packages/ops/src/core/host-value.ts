import { beforeReplay, capturing } from './capturing.js';
import { OcelliError } from './errors.js';
import { formatShape, type Shape, sizeOf } from './shape.js';
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
  const values = checked(read(), shape);
  if (values.length === 0) return tensor(values, shape);
  const storage = Storage.constant(current, values);
  beforeReplay(() => {
    const next = checked(read(), shape);
    if (inferType(next) !== inferType(values))
      throw new OcelliError(
        'hostTensor',
        `the values were ${inferType(values)} and are ${inferType(next)} now`,
      );
    current.device.native.write(storage.handle, 0, next);
  });
  return new Tensor(storage.retain(), shape, inferType(values));
}

function checked<Values extends ArrayLike<number>>(values: Values, shape: Shape): Values {
  if (values.length === sizeOf(shape)) return values;
  throw new OcelliError(
    'hostTensor',
    `shape ${formatShape(shape)} holds ${sizeOf(shape)} elements, got ${values.length} values`,
  );
}
