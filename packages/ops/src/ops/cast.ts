import { record } from '../autograd/node.js';
import type { DType } from '../core/dtype.js';
import { run } from '../core/run.js';
import { empty, type Tensor } from '../core/tensor.js';

const numbers: Record<DType, number> = { float32: 0, bfloat16: 1, float16: 2, int32: 3, uint8: 4 };

/** The same values as another type: half types round to nearest even, real to whole numbers cuts off and saturates. */
export function cast(x: Tensor, dtype: DType): Tensor {
  const convert = (from: Tensor, to: DType): Tensor => {
    const result = empty(from.shape, to);
    run('convert', [from, result], [from.size, numbers[from.dtype], numbers[to]]);
    return result;
  };
  return record('cast', [x], convert(x, dtype), (gradient) => [convert(gradient, x.dtype)]);
}
