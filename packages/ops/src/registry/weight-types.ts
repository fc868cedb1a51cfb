import type { WeightType } from '../ops/packed-weight.js';
import { erf } from './erf.js';
import type { Reference } from './types.js';

/** Of an op's variant for such weights. */
export function weightName(dtype: WeightType): string {
  return dtype === 'float32' ? 'packed weight' : `${dtype} weight`;
}

/** By the array of a frozen weight, which a gradient check never changes, but asks for dozens of times. */
const known = new WeakMap<Float64Array, Partial<Record<WeightType, Reference>>>();

/** The numbers that a packed weight `[outputs, inputs]` of this type stands for. */
export function storedWeight(weight: Reference, dtype: WeightType): Reference {
  const types = known.get(weight.data) ?? {};
  known.set(weight.data, types);
  types[dtype] ??= roundWeight(weight, dtype);
  return types[dtype];
}

function roundWeight(weight: Reference, dtype: WeightType): Reference {
  const [outputs, inputs] = weight.shape as [number, number];
  const data = new Float64Array(weight.data.length);
  for (let output = 0; output < outputs; output++) {
    const begin = output * inputs;
    data.set(storedRow[dtype](weight.data.subarray(begin, begin + inputs)), begin);
  }
  return { shape: weight.shape, data };
}

const storedRow: Readonly<Record<WeightType, (row: Float64Array) => Float64Array>> = {
  float32: (row) => row,
  bfloat16: (row) => row.map((value) => roundTo(value, 8)),
  float16: (row) => row.map((value) => roundTo(value, 11)),
  int8: toWholeNumbers,
  fp8: toFloat8,
  nf4: (row) => inGroups(row, normalFloat4),
  fp4: (row) => inGroups(row, float4),
};

/** Whole numbers up to 127 times a factor; in float32 as the kernel, since another rounding could go the other way. */
function toWholeNumbers(row: Float64Array): Float64Array {
  const factor = Math.fround(magnitude(row) / 127);
  return row.map((value) => roundToEven(Math.fround(value / factor)) * factor);
}

/** E4M3 up to 448 times a factor: four bits of mantissa with the leading one, from 2^-6 on; steps of 2^-9 below. */
function toFloat8(row: Float64Array): Float64Array {
  const factor = Math.fround(magnitude(row) / 448);
  return row.map((value) => {
    const scaled = Math.fround(value / factor);
    return (Math.abs(scaled) < 2 ** -6 ? roundToEven(scaled * 512) / 512 : roundTo(scaled, 4)) * factor;
  });
}

/** To so many bits of mantissa, to nearest with ties to even; numbers of normal size. */
function roundTo(value: number, bits: number): number {
  if (value === 0) return 0;
  const unit = 2 ** (Math.floor(Math.log2(Math.abs(value))) - bits + 1);
  return roundToEven(value / unit) * unit;
}

/** Every 64 numbers of a row by the nearest of `levels` times what makes their largest magnitude that of the levels. */
function inGroups(row: Float64Array, levels: readonly number[]): Float64Array {
  const stored = new Float64Array(row.length);
  const most = magnitude(levels);
  for (let begin = 0; begin < row.length; begin += 64) {
    const group = row.subarray(begin, begin + 64);
    const factor = Math.fround(magnitude(group) / most);
    stored.set(
      group.map((value) => nearest(Math.fround(value / factor), levels) * factor),
      begin,
    );
  }
  return stored;
}

function magnitude(values: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, Math.abs(values[i]!));
  return most;
}

function nearest(value: number, levels: readonly number[]): number {
  let best = levels[0]!;
  for (const level of levels) if (Math.abs(level - value) < Math.abs(best - value)) best = level;
  return best;
}

/** E2M1, smallest magnitudes first. */
const float4 = [0, 0.5, 1, 1.5, 2, 3, 4, 6].flatMap((value) => [value, -value]);

/**
 * NormalFloat4 from its definition (Dettmers et al., QLoRA, 2023, section 3 and bitsandbytes' create_normal_map): 8
 * quantiles of the normal distribution above 0, 7 below, evenly spaced in probability up to 1 - 1/2 (1/32 + 1/30), and 0.
 */
export const normalFloat4: readonly number[] = (() => {
  const outermost = 1 - (1 / 32 + 1 / 30) / 2;
  const side = (count: number): number[] =>
    Array.from({ length: count }, (_, i) => normalQuantile(outermost + (i / count) * (0.5 - outermost)));
  const levels = [...side(8), 0, ...side(7).map((value) => -value)];
  return levels.map((value) => value / levels[0]!).sort((a, b) => a - b);
})();

/** Where the standard normal distribution reaches `probability` (0.5 to 0.999): by bisection. */
function normalQuantile(probability: number): number {
  let [below, above] = [0, 4];
  for (let i = 0; i < 60; i++) {
    const middle = (below + above) / 2;
    if ((1 + erf(middle / Math.SQRT2)) / 2 < probability) below = middle;
    else above = middle;
  }
  return below;
}

function roundToEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}
