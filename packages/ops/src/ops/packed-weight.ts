import { checkType } from '../core/checks.js';
import { bytesPerElement, type DType } from '../core/dtype.js';
import { OcelliError } from '../core/errors.js';
import { native } from '../core/native.js';
import { run } from '../core/run.js';
import { keep } from '../core/scope.js';
import { formatShape, type Shape } from '../core/shape.js';
import { empty, Tensor } from '../core/tensor.js';

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

/** A weight `[outputs, inputs]` that comes in parts. */
export interface WeightRows {
  readonly shape: Shape;
  /** Rows [begin, end) as a float32 tensor, which whoever asked for it disposes. */
  load(begin: number, end: number): Tensor;
}

/** Parts of about this size are in memory beside what is packed, one at a time. */
const partBytes = 8 * 2 ** 20;

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

  /**
   * Packs a copy of `weight`: a float32 tensor, which may be disposed then, or rows that are loaded and packed part by part,
   * so that the plain weight is never in memory as a whole.
   */
  constructor(weight: Tensor | WeightRows, { dtype = 'float32' }: PackedWeightOptions = {}) {
    if (weight.shape.length !== 2)
      throw new OcelliError('packWeight', `weight must have 2 axes, got ${formatShape(weight.shape)}`);
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
    if (weight instanceof Tensor) {
      this.#pack(weight, 0);
      return;
    }
    const panels = Math.max(1, Math.floor(partBytes / (4 * inputs * panelWidth)));
    for (let begin = 0; begin < outputs; begin += panels * panelWidth) {
      using rows = weight.load(begin, Math.min(begin + panels * panelWidth, outputs));
      this.#pack(rows, begin);
    }
  }

  /** Rows from `begin` on, a multiple of the panel's width: panels lie one after another. */
  #pack(rows: Tensor, begin: number): void {
    checkType('packWeight', 'weight', rows);
    const [count, inputs] = rows.shape as [number, number];
    const panels = this.packed.view([], begin * inputs * bytesPerElement[this.packed.dtype]);
    const factors = this.factors?.view([], 4 * begin) ?? null;
    run('linear_pack', [rows, panels, factors], [count, inputs, this.format]);
    panels.dispose();
    factors?.dispose();
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
