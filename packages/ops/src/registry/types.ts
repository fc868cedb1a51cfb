import type { Shape } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';

/** A double-precision array: what references compute with. */
export interface Reference {
  readonly shape: Shape;
  readonly data: Float64Array;
}

/** How the test battery fills an input. Values are seeded and exactly representable in float32. */
export type Fill =
  | { kind: 'normal'; scale?: number }
  | { kind: 'positive' }
  | { kind: 'integers'; below: number; from?: number }
  | { kind: 'values'; values: readonly number[] };

export interface InputSpec {
  readonly shape: Shape;
  /** Normal with standard deviation 1 by default. `integers` and `values` with `dtype` make index and mask tensors. */
  readonly fill?: Fill;
  readonly dtype?: 'float32' | 'int32' | 'uint8';
  /** True by default for float32 inputs: the gradient is checked. */
  readonly differentiable?: boolean;
}

/** One way to call an op: inputs and the options that `run` and `reference` get. */
export interface OpCase<Options> {
  readonly inputs: readonly InputSpec[];
  readonly options: Options;
}

/** Largest allowed error: `absolute + relative * |expected|`; derive it from the arithmetic and say how. */
export interface Tolerance {
  readonly absolute: number;
  readonly relative: number;
}

/** One shape that the benchmarks time. */
export interface TimedCase<Options> extends OpCase<Options> {
  readonly label: string;
  /** Floating-point operations of one call, if arithmetic is the limit. */
  readonly operations?: number;
  /** Bytes that one call must move, if memory is the limit. */
  readonly bytes?: number;
}

/** A row of the op table. It drives the tests on every instruction set, gradient checks, benchmarks and the docs. */
export interface OpEntry<Options = unknown> {
  readonly name: string;
  /** One sentence for the support matrix: shapes in, shape out. */
  readonly contract: string;
  readonly run: (inputs: readonly Tensor[], options: Options) => Tensor;
  readonly reference: (inputs: readonly Reference[], options: Options) => Reference;
  readonly cases: readonly OpCase<Options>[];
  readonly tolerance: Tolerance;
  /** Defaults to `tolerance`. */
  readonly gradientTolerance?: Tolerance;
  readonly timed: readonly TimedCase<Options>[];
}

/** Keeps the options' type inside an entry while the table forgets it. */
export function defineOp<Options>(entry: OpEntry<Options>): OpEntry {
  return entry as OpEntry;
}
