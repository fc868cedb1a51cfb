import { record } from '../autograd/node.js';
import { checkShapeIs, checkType } from '../core/checks.js';
import { OcelliError } from '../core/errors.js';
import { run } from '../core/run.js';
import { formatShape } from '../core/shape.js';
import { empty, type Tensor } from '../core/tensor.js';
import { matmulInto } from './matmul.js';
import { PackedWeight } from './packed-weight.js';

/**
 * `x Wᵀ + bias`, as torch.nn.functional.linear.
 *
 * @param x `[..., inputs]` float32.
 * @param weight `[outputs, inputs]`: a tensor, or a `PackedWeight` for one that never changes. A frozen weight saves
 *   nothing for backward, and only d(x) is computed.
 * @param bias `[outputs]`.
 * @returns `[..., outputs]`.
 */
export function linear(x: Tensor, weight: Tensor | PackedWeight, bias?: Tensor | null): Tensor {
  checkType('linear', 'x', x);
  const [outputs, inputs] = weight.shape as [number, number];
  if (weight.shape.length !== 2 || x.shape.at(-1) !== inputs) {
    throw new OcelliError(
      'linear',
      `weight ${formatShape(weight.shape)} expects ${inputs} input features, got ${x.shape.at(-1)} ` +
        `(x is ${formatShape(x.shape)})`,
    );
  }
  if (bias) checkShapeIs('linear', 'bias', bias, [outputs]);
  const rows = x.size / inputs;
  const y = empty([...x.shape.slice(0, -1), outputs]);
  if (weight instanceof PackedWeight) {
    run('linear_packed', [x, weight.packed, bias ?? null, y], [rows, inputs, outputs]);
    return record('linear', [x, null, bias ?? null], y, (gradient, [needsX, , needsBias]) => {
      let dx: Tensor | null = null;
      if (needsX) {
        dx = empty(x.shape);
        run('linear_packed_backward', [gradient, weight.packed, dx], [rows, inputs, outputs]);
      }
      return [dx, null, needsBias ? sumRows(gradient, rows, outputs) : null];
    });
  }
  checkType('linear', 'weight', weight);
  matmulInto(x, weight, y, { rows, inner: inputs, columns: outputs, transposeB: true, bias: bias ?? null });
  return record('linear', [x, weight, bias ?? null], y, (gradient, [needsX, needsWeight, needsBias]) => {
    let dx: Tensor | null = null;
    let dWeight: Tensor | null = null;
    if (needsX) {
      dx = empty(x.shape);
      matmulInto(gradient, weight, dx, { rows, inner: outputs, columns: inputs });
    }
    if (needsWeight) {
      dWeight = empty(weight.shape);
      matmulInto(gradient, x, dWeight, { rows: outputs, inner: rows, columns: inputs, transposeA: true });
    }
    return [dx, dWeight, needsBias ? sumRows(gradient, rows, outputs) : null];
  });
}

function sumRows(gradient: Tensor, rows: number, outputs: number): Tensor {
  const total = empty([outputs]);
  run('reduce_sum', [gradient, null, total], [1, rows, outputs, 1]);
  return total;
}
