import { type Shape, sizeOf } from '../core/shape.js';
import type { Reference } from './types.js';

/** An array whose elements `value(index)` computes, in row-major order. */
export function referenceOf(shape: Shape, value: (index: number) => number): Reference {
  const data = new Float64Array(sizeOf(shape));
  for (let index = 0; index < data.length; index++) data[index] = value(index);
  return { shape, data };
}

/** `value` applied to each element. */
export function mapReference(x: Reference, value: (element: number) => number): Reference {
  return { shape: x.shape, data: x.data.map(value) };
}
