import { type Backward, needsGradient, record, willRecord } from '../autograd/node.js';
import { checkShapeIs, checkType } from '../core/checks.js';
import { OcelliError } from '../core/errors.js';
import { run } from '../core/run.js';
import { formatShape } from '../core/shape.js';
import { empty, type Tensor } from '../core/tensor.js';
import { activationNumber } from './activation.js';
import { matmulInto } from './matmul.js';
import { PackedWeight } from './packed-weight.js';

/** Activations that a linear layer applies while its results are in cache. */
export type LinearActivation = 'relu' | 'gelu' | 'geluTanh' | 'silu' | 'quickGelu';

export interface LinearOptions {
  /** Applied to the sums with their bias; none by default. */
  readonly activation?: LinearActivation | null;
  /** Added last; has the shape of the result. */
  readonly residual?: Tensor | null;
}

/** The kernels' number for no activation. */
const noActivation = -1;

/**
 * `activation(x Wᵀ + bias) + residual`: torch.nn.functional.linear and what usually follows it.
 *
 * @param x `[..., inputs]` float32.
 * @param weight `[outputs, inputs]`: a tensor, or a `PackedWeight` for one that never changes. A frozen weight saves
 *   nothing for backward, and only d(x) is computed; of ReLU one bit per element is kept.
 * @param bias `[outputs]`.
 * @returns `[..., outputs]`.
 */
export function linear(
  x: Tensor,
  weight: Tensor | PackedWeight,
  bias?: Tensor | null,
  { activation = null, residual = null }: LinearOptions = {},
): Tensor {
  checkType('linear', 'x', x);
  const [outputs, inputs] = weight.shape as [number, number];
  if (weight.shape.length !== 2 || x.shape.at(-1) !== inputs) {
    throw new OcelliError(
      'linear',
      `weight ${formatShape(weight.shape)} expects ${inputs} input features, got ${x.shape.at(-1)} ` +
        `(x is ${formatShape(x.shape)})`,
    );
  }
  const shape = [...x.shape.slice(0, -1), outputs];
  if (bias) checkShapeIs('linear', 'bias', bias, [outputs]);
  if (residual) {
    checkType('linear', 'residual', residual);
    checkShapeIs('linear', 'residual', residual, shape);
  }
  const frozen = weight instanceof PackedWeight;
  if (!frozen) checkType('linear', 'weight', weight);

  const rows = x.size / inputs;
  const y = empty(shape);
  const differentiates = willRecord([x, frozen ? null : weight, bias]);
  const saved = activation && differentiates ? savedBy(activation, rows, outputs) : null;
  const kind = activation ? activationNumber(activation) : noActivation;
  if (frozen) {
    const { packed, factors, format } = weight;
    run(
      'linear_packed',
      [x, packed, factors, bias ?? null, residual, y, saved],
      [rows, inputs, outputs, format, kind],
    );
  } else {
    matmulInto(x, weight, y, {
      ...{ rows, inner: inputs, columns: outputs, transposeB: true },
      ...{ bias: bias ?? null, residual, saved, activation: kind },
    });
  }

  /** The gradient of the sums. */
  const beforeActivation = (gradient: Tensor): Tensor => {
    if (!saved) return gradient;
    const dz = empty(shape);
    run('activation_gradient', [gradient, saved, dz], [rows, outputs, kind]);
    return dz;
  };
  const backward: Backward = (gradient, [needsX, needsWeight, needsBias, needsResidual]) => {
    const dResidual = needsResidual ? gradient : null;
    const dx = needsX ? empty(x.shape) : null;
    if (frozen && !needsBias) {
      if (dx) {
        const { packed, factors, format } = weight;
        const scalars = [rows, inputs, outputs, format, kind];
        run('linear_packed_backward', [gradient, packed, factors, saved, dx], scalars);
      }
      return [dx, null, null, dResidual];
    }
    const dz = beforeActivation(gradient);
    if (dx && frozen) {
      const scalars = [rows, inputs, outputs, weight.format, noActivation];
      run('linear_packed_backward', [dz, weight.packed, weight.factors, null, dx], scalars);
    } else if (dx && !frozen) {
      matmulInto(dz, weight, dx, { rows, inner: outputs, columns: inputs });
    }
    const dWeight = needsWeight ? empty(weight.shape) : null;
    const dBias = needsBias ? empty([outputs]) : null;
    if (dWeight) {
      const sizes = { rows: outputs, inner: rows, columns: inputs };
      matmulInto(dz, x, dWeight, { ...sizes, transposeA: true, sums: dBias });
    } else if (dBias) {
      run('reduce_sum', [dz, null, dBias], [1, rows, outputs, 1]);
    }
    if (dz !== gradient) dz.dispose();
    return [dx, dWeight, dBias, dResidual];
  };
  const reads = frozen ? [] : [needsGradient(weight) ? x : null, needsGradient(x) ? weight : null];
  const inputsOf = [x, frozen ? null : weight, bias ?? null, residual];
  return record('linear', inputsOf, y, backward, saved ? [saved] : [], reads);
}

/** What the derivative of an activation needs: ReLU's signs as bits in rows of whole bytes, else the argument. */
function savedBy(activation: LinearActivation, rows: number, outputs: number): Tensor {
  return activation === 'relu' ? empty([rows, Math.ceil(outputs / 8)], 'uint8') : empty([rows, outputs]);
}
