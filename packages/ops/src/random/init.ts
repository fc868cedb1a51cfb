import { type Shape, sizeOf } from '../core/shape.js';
import { type Tensor, tensor } from '../core/tensor.js';
import type { Random } from './random.js';

/** Normal values with mean 0. */
export function normal(random: Random, shape: Shape, standardDeviation = 1): Tensor {
  const values = new Float32Array(sizeOf(shape));
  for (let i = 0; i < values.length; i++) values[i] = random.normal() * standardDeviation;
  return tensor(values, shape);
}

/** Uniform values in [-bound, bound). PyTorch's `nn.Linear` starts with bound 1/√inputs for weight and bias. */
export function uniform(random: Random, shape: Shape, bound: number): Tensor {
  const values = new Float32Array(sizeOf(shape));
  for (let i = 0; i < values.length; i++) values[i] = (random.uniform() * 2 - 1) * bound;
  return tensor(values, shape);
}
