import type { WeightType } from '../ops/packed-weight.js';
import type { Reference } from './types.js';

/** The numbers that a packed weight `[outputs, inputs]` of this type stands for. */
export function storedWeight(weight: Reference, dtype: WeightType): Reference {
  if (dtype === 'float32') return weight;
  const [outputs, inputs] = weight.shape as [number, number];
  const data = new Float64Array(weight.data.length);
  for (let output = 0; output < outputs; output++) {
    const begin = output * inputs;
    const row = weight.data.subarray(begin, begin + inputs);
    data.set(dtype === 'bfloat16' ? row.map(toBfloat16) : toWholeNumbers(row), begin);
  }
  return { shape: weight.shape, data };
}

/** Whole numbers up to 127 times a factor; in float32 as the kernel, since another rounding could go the other way. */
function toWholeNumbers(row: Float64Array): Float64Array {
  const factor = Math.fround(row.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / 127);
  return row.map((value) => roundToEven(Math.fround(value / factor)) * factor);
}

/** To 8 bits of mantissa, to nearest with ties to even; numbers of normal size. */
function toBfloat16(value: number): number {
  if (value === 0) return 0;
  const unit = 2 ** (Math.floor(Math.log2(Math.abs(value))) - 7);
  return roundToEven(value / unit) * unit;
}

function roundToEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}
