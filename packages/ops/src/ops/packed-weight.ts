import type { DType } from '../core/dtype.js';
import { OcelliError } from '../core/errors.js';
import { currentDevice } from '../core/open-device.js';
import { run } from '../core/run.js';
import { keep } from '../core/scope.js';
import { formatShape, type Shape } from '../core/shape.js';
import { empty, Tensor } from '../core/tensor.js';

/** How a packed weight's numbers are stored. Sums are float32 whatever it is. */
export type WeightType = 'float32' | 'bfloat16' | 'float16' | 'int8' | 'fp8' | 'nf4' | 'fp4';

/** A format as the kernels have it: native/src/cpu/weight_format.h. */
interface WeightFormat {
  readonly number: number;
  /** Inputs whose numbers lie together, so many bytes for each output. */
  readonly step: number;
  readonly stepBytes: number;
  /** Inputs of an output that share a factor: none, all, or so many. */
  readonly factorOf: 'none' | 'output' | number;
}

const formats: Readonly<Record<WeightType, WeightFormat>> = {
  float32: { number: 0, step: 1, stepBytes: 4, factorOf: 'none' },
  bfloat16: { number: 1, step: 2, stepBytes: 4, factorOf: 'none' },
  float16: { number: 3, step: 1, stepBytes: 2, factorOf: 'none' },
  int8: { number: 2, step: 4, stepBytes: 4, factorOf: 'output' },
  fp8: { number: 6, step: 4, stepBytes: 4, factorOf: 'output' },
  nf4: { number: 4, step: 8, stepBytes: 4, factorOf: 64 },
  fp4: { number: 5, step: 8, stepBytes: 4, factorOf: 64 },
};

/** Types that a weight may come in, by their numbers in native/src/cpu/linear_pack.cpp. */
const sourceTypes: readonly DType[] = ['float32', 'bfloat16', 'float16'];

/** Every type, from the most exact to the smallest. */
export const weightTypes = Object.keys(formats) as readonly WeightType[];

export interface PackedWeightOptions {
  /**
   * - `float32` (default) is exact.
   * - `bfloat16` and `float16` take half the memory, with 8 and 11 bits of mantissa; each is exact for a checkpoint of
   *   its own type. In `float16`, magnitudes from 65,520 on become infinite.
   * - `int8` takes a quarter: whole numbers from -127 to 127 with one factor per output, the output's largest magnitude /
   *   127.
   * - `fp8` takes a quarter too: E4M3, three bits of mantissa from 2^-6 to 448, with one factor per output, the output's
   *   largest magnitude / 448.
   * - `nf4` and `fp4` take a seventh: 4 bits, and a float32 factor for every 64 inputs of an output, from their largest
   *   magnitude. `nf4` is the NormalFloat of QLoRA as bitsandbytes has it (blocks of 64, where these divide the inputs),
   *   `fp4` is E2M1: 0, 0.5, 1, 1.5, 2, 3, 4, 6 and their negatives.
   */
  readonly dtype?: WeightType;
}

/** A weight `[outputs, inputs]` that comes in parts. */
export interface WeightRows {
  readonly shape: Shape;
  /** Rows [begin, end) as a float32, bfloat16 or float16 tensor, which whoever asked for it disposes. */
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
  /** What numbers are multiplied by: for each output of int8 and fp8, for each group of the 4-bit types; null for the others. */
  readonly factors: Tensor | null;

  /**
   * Packs a copy of `weight`: a float32, bfloat16 or float16 tensor, which may be disposed then, or rows that are loaded and
   * packed part by part, so that the plain weight is never in memory as a whole.
   */
  constructor(weight: Tensor | WeightRows, { dtype = 'float32' }: PackedWeightOptions = {}) {
    if (weight.shape.length !== 2)
      throw new OcelliError('packWeight', `weight must have 2 axes, got ${formatShape(weight.shape)}`);
    const format = formats[dtype];
    if (!format) {
      throw new OcelliError(
        'packWeight',
        `dtype must be ${weightTypes.join(', ')}, got ${JSON.stringify(dtype)}`,
      );
    }
    const [outputs, inputs] = weight.shape as [number, number];
    const { number, step, stepBytes, factorOf } = format;
    const { panelWidth, depthMultiple } = currentDevice().native;
    const padded = Math.ceil(outputs / panelWidth) * panelWidth;
    const depth = Math.ceil(inputs / depthMultiple) * depthMultiple;
    const bytes = Math.ceil(depth / step) * stepBytes; // of an output
    const factors = factorOf === 'output' ? 1 : factorOf === 'none' ? 0 : Math.ceil(inputs / factorOf);
    this.shape = weight.shape;
    this.dtype = dtype;
    this.format = number;
    this.packed = keep(empty([padded * bytes], 'uint8'));
    this.factors = factors > 0 ? keep(empty([padded * factors])) : null;
    if (weight instanceof Tensor) {
      this.#pack(weight, 0, bytes, factors);
      return;
    }
    const rowsOfPart = Math.max(1, Math.floor(partBytes / (4 * inputs * panelWidth))) * panelWidth;
    for (let begin = 0; begin < outputs; begin += rowsOfPart) {
      using rows = weight.load(begin, Math.min(begin + rowsOfPart, outputs));
      this.#pack(rows, begin, bytes, factors);
    }
  }

  /**
   * Rows from `begin` on, a multiple of the panel's width: panels lie one after another.
   *
   * @param bytes and factors of an output.
   */
  #pack(rows: Tensor, begin: number, bytes: number, factors: number): void {
    const from = sourceTypes.indexOf(rows.dtype);
    if (from < 0) {
      throw new OcelliError(
        'packWeight',
        `weight must be ${sourceTypes.join(', ')}, got ${rows.dtype} ${formatShape(rows.shape)}; convert it with cast()`,
      );
    }
    const [count, inputs] = rows.shape as [number, number];
    const packed = this.packed.view([], begin * bytes);
    const own = this.factors?.view([], 4 * begin * factors) ?? null;
    run('linear_pack', [rows, packed, own], [count, inputs, this.format, from]);
    packed.dispose();
    own?.dispose();
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
