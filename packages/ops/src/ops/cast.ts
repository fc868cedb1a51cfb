import { record } from '../autograd/node.js';
import type { DType } from '../core/dtype.js';
import { run } from '../core/run.js';
import { empty, type Tensor } from '../core/tensor.js';

const numbers: Record<DType, number> = { float32: 0, bfloat16: 1, float16: 2, int32: 3, uint8: 4 };

/**
 * The same values as another type. Half types round to nearest even; from real to whole numbers the fraction is cut off,
 * what does not fit saturates and NaN becomes 0. The gradient passes between real types only.
 */
export function cast(x: Tensor, dtype: DType): Tensor {
  if (dtype === x.dtype) return record('cast', [x], x.view(x.shape), (gradient) => [gradient], [], []);
  const convert = (from: Tensor, to: DType): Tensor => {
    const result = empty(from.shape, to);
    run('convert', [from, result], [from.size, numbers[from.dtype], numbers[to]]);
    return result;
  };
  const y = convert(x, dtype);
  if (dtype === 'int32' || dtype === 'uint8') return y;
  return record('cast', [x], y, (gradient) => [convert(gradient, x.dtype)], [], []);
}
