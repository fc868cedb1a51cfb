import type { DType } from '../core/dtype.js';
import { cast } from '../ops/cast.js';
import { mapReference } from './reference.js';
import { defineOp, type Fill, type OpCase } from './types.js';

interface CastOptions {
  through: DType;
}

/** Nearest multiple of 2^(exponent - bits), ties to even: what a type with `bits` bits after the point keeps. */
function rounded(x: number, bits: number, smallestExponent: number, largest: number): number {
  if (x === 0 || !Number.isFinite(x)) return x;
  const exponent = Math.max(Math.floor(Math.log2(Math.abs(x))), smallestExponent);
  const unit = 2 ** (exponent - bits);
  const whole = Math.floor(x / unit);
  const rest = x / unit - whole;
  const nearest = (rest > 0.5 || (rest === 0.5 && whole % 2 !== 0) ? whole + 1 : whole) * unit;
  return Math.abs(nearest) > largest ? Math.sign(x) * Number.POSITIVE_INFINITY : nearest;
}

const through: Record<DType, (x: number) => number> = {
  float32: (x) => x,
  bfloat16: (x) => rounded(x, 7, -126, (2 - 2 ** -7) * 2 ** 127),
  float16: (x) => rounded(x, 10, -14, 65504),
  int32: (x) => Math.min(Math.max(Math.trunc(x), -(2 ** 31)), 2 ** 31 - 1),
  uint8: (x) => Math.min(Math.max(Math.trunc(x), 0), 255),
};

/** Ties, the ends of the ranges, subnormal halves, fractions. */
const hard: Fill = {
  kind: 'values',
  values: [
    0, 1, -1.5, 1.00390625, 1.01171875, 255.9, 256, -0.7, 2049, 2051, -65504, 65519, 65520, 1e6, -3e9, 3e9,
    6e-8, 3e-8, 2.9e-8, 6.1e-5, -1e-7, 3.39e38, 1e-38,
  ],
};

const castCases: OpCase<CastOptions>[] = (
  ['float32', 'bfloat16', 'float16', 'int32', 'uint8'] as const
).flatMap((type) =>
  [
    { shape: [23], fill: hard },
    { shape: [3, 7000], fill: { kind: 'normal', scale: 50 } as const },
  ].map((input) => ({ inputs: [{ ...input, differentiable: false }], options: { through: type } })),
);

export const castOp = defineOp<CastOptions>({
  name: 'cast',
  contract: 'x [...], a type → [...] of that type',
  run: ([x], options) => cast(cast(x!, options.through), 'float32'),
  reference: ([x], options) => {
    const result = mapReference(x!, through[options.through]);
    // Back in float32, where 2^31 - 1 rounds up.
    return { shape: result.shape, data: Float64Array.from(Float32Array.from(result.data)) };
  },
  cases: castCases,
  tolerance: { absolute: 0, relative: 0 },
  timed: (['bfloat16', 'float16'] as const).map((type) => ({
    label: `1024 x 768 to ${type} and back`,
    inputs: [{ shape: [1024, 768] }],
    options: { through: type },
    bytes: 12 * 1024 * 768,
  })),
});
