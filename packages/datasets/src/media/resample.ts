import { DatasetError } from '../dataset-error.js';
import type { Waveform } from './media-source.js';

/** By how much what would be folded is damped, in dB: below the noise of 16 bits. */
const attenuation = 100;
/** Part of the lower of the two bands that is kept whole; the filter falls between here and its end. */
const passband = 0.9;
/** Sampling rates that files have and encoders ask for. */
const rates = { lowest: 1000, highest: 768_000 };

/**
 * The same sound with another number of samples per second: band-limited interpolation by a sinc in a Kaiser window
 * (Kaiser 1974), one set of weights for each of the phases in which the two rates meet. Up to 90 % of the lower Nyquist
 * frequency passes unchanged; what the new rate cannot hold is damped by 100 dB. Beyond its ends the signal is 0.
 *
 * @throws {DatasetError} for a rate that is not a whole number from 1,000 to 768,000.
 */
export function resample({ samples, samplingRate: from }: Waveform, to: number): Waveform {
  for (const rate of [from, to]) {
    if (isSamplingRate(rate)) continue;
    throw new DatasetError(
      `the sampling rate is ${rate}`,
      `resample between whole numbers from ${rates.lowest} to ${rates.highest}`,
    );
  }
  if (from === to) return { samples, samplingRate: to };
  const { phases, step, half, weights } = filterBetween(from, to);
  const taps = 2 * half;
  const padded = new Float64Array(samples.length + 2 * taps);
  padded.set(samples, half);
  const result = new Float32Array(Math.ceil((samples.length * phases) / step));
  // Output n stands at n * step / phases of the input: a whole part and a phase.
  for (let n = 0, whole = 0, phase = 0; n < result.length; n++) {
    let [at, weight] = [whole + 1, phase * taps];
    let [a, b, c, d] = [0, 0, 0, 0]; // four sums that do not wait for each other
    for (const end = weight + taps; weight < end; at += 4, weight += 4) {
      a += weights[weight]! * padded[at]!;
      b += weights[weight + 1]! * padded[at + 1]!;
      c += weights[weight + 2]! * padded[at + 2]!;
      d += weights[weight + 3]! * padded[at + 3]!;
    }
    result[n] = a + b + (c + d);
    phase += step;
    whole += Math.floor(phase / phases);
    phase %= phases;
  }
  return { samples: result, samplingRate: to };
}

/** Whether a file may have so many samples per second. */
export function isSamplingRate(rate: number): boolean {
  return Number.isInteger(rate) && rate >= rates.lowest && rate <= rates.highest;
}

interface Filter {
  /** The reduced fraction `to / from` is `phases / step`. */
  readonly phases: number;
  readonly step: number;
  /** Input samples on either side of an output; even. */
  readonly half: number;
  /** `[phases, 2 * half]`, those of each phase sum to 1. */
  readonly weights: Float64Array;
}

/** Files of a data set mostly have one rate: the last filter is kept. */
let last: (Filter & { readonly from: number; readonly to: number }) | null = null;

function filterBetween(from: number, to: number): Filter {
  if (last?.from === from && last.to === to) return last;
  last = { from, to, ...makeFilter(from, to) };
  return last;
}

function makeFilter(from: number, to: number): Filter {
  const divisor = greatestCommonDivisor(from, to);
  const [phases, step] = [to / divisor, from / divisor];
  // Frequencies in cycles per input sample.
  const nyquist = 0.5 * Math.min(1, to / from);
  const cutoff = (nyquist * (1 + passband)) / 2;
  // Kaiser's formulas for the length and the shape that a transition and an attenuation take.
  const transition = 2 * Math.PI * nyquist * (1 - passband);
  const width = (attenuation - 7.95) / (2.285 * transition) / 2;
  const shape = 0.1102 * (attenuation - 8.7);
  const half = 2 * Math.ceil(width / 2);
  const taps = 2 * half;
  const weights = new Float64Array(phases * taps);
  const ofPhase = new Float64Array(taps);
  for (let phase = 0; phase < phases; phase++) {
    let sum = 0;
    for (let tap = 0; tap < taps; tap++) {
      const distance = tap - half + 1 - phase / phases; // from the output to this input, in input samples
      const inside = 1 - (distance / width) ** 2;
      const window = inside > 0 ? bessel(shape * Math.sqrt(inside)) : 0;
      sum += ofPhase[tap] = sinc(2 * cutoff * distance) * window;
    }
    for (let tap = 0; tap < taps; tap++) weights[phase * taps + tap] = ofPhase[tap]! / sum;
  }
  return { phases, step, half, weights };
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** The modified Bessel function of the first kind and order 0, by its power series. */
function bessel(x: number): number {
  let [sum, term] = [1, 1];
  for (let k = 1; term > sum * 1e-12; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
