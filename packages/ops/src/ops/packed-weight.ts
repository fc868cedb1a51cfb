import { checkRank, checkType } from '../core/checks.js';
import type { DType } from '../core/dtype.js';
import { OcelliError } from '../core/errors.js';
import { native } from '../core/native.js';
import { run } from '../core/run.js';
import { keep } from '../core/scope.js';
import type { Shape } from '../core/shape.js';
import { empty, type Tensor } from '../core/tensor.js';

/** How a packed weight's numbers are stored. Sums are float32 whatever it is. */
export type WeightType = 'float32' | 'bfloat16' | 'int8';

/** The kernels' number of each type, and the tensor type that holds it. */
const formats: Record<WeightType, { readonly number: number; readonly storage: DType }> = {
  float32: { number: 0, storage: 'float32' },
  bfloat16: { number: 1, storage: 'bfloat16' },
  int8: { number: 2, storage: 'uint8' },
};

export interface PackedWeightOptions {
  /**
   * `float32` (default) is exact; `bfloat16` rounds to 8 bits of mantissa and takes half the memory; `int8` a quarter:
   * whole numbers from -127 to 127 with one factor per output, the output's largest magnitude / 127.
   */
  readonly dtype?: WeightType;
}

/**
 * A frozen weight `[outputs, inputs]`, laid out once in the panels that the GEMM reads; the same copy serves forward
 * and the gradient of the input. Lives until `dispose()`.
 */
export class PackedWeight {
  readonly shape: Shape;
  readonly dtype: WeightType;
  /** Number of `dtype` in the kernels. */
  readonly format: number;
  readonly packed: Tensor;
  /** `[outputs]`: what the sums of int8 weights are multiplied by; null for the other types. */
  readonly factors: Tensor | null;

  /** Packs a copy of `weight`, float32; dispose the original if nothing else needs it. */
  constructor(weight: Tensor, { dtype = 'float32' }: PackedWeightOptions = {}) {
    checkRank('packWeight', 'weight', weight, 2, 2);
    checkType('packWeight', 'weight', weight);
    const format = formats[dtype];
    if (!format) {
      throw new OcelliError(
        'packWeight',
        `dtype must be ${Object.keys(formats).join(', ')}, got ${JSON.stringify(dtype)}`,
      );
    }
    const [outputs, inputs] = weight.shape as [number, number];
    const { panelWidth } = native;
    this.shape = weight.shape;
    this.dtype = dtype;
    this.format = format.number;
    this.packed = keep(empty([Math.ceil(outputs / panelWidth) * panelWidth * inputs], format.storage));
    this.factors = dtype === 'int8' ? keep(empty([outputs])) : null;
    run('linear_pack', [weight, this.packed, this.factors], [outputs, inputs, format.number]);
  }

  /** Memory that it holds, in bytes. */
  get bytes(): number {
    return this.packed.storage('packWeight').bytes + (this.factors?.storage('packWeight').bytes ?? 0);
  }

  dispose(): void {
    this.packed.dispose();
    this.factors?.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
