import { EvaluationError } from '../evaluation-error.js';

/** Whole numbers below `bound`, the same ones for the same seed on every machine (Mulberry32). */
export function seededIntegers(seed: number): (bound: number) => number {
  let state = seed | 0;
  return (bound) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * bound);
  };
}

/** How often to resample, and from which seed. */
export interface ResamplingOptions {
  /** Default 1000. */
  readonly resamples?: number;
  /** A whole number; the same seed draws the same resamples. Default 0. */
  readonly seed?: number;
}

/** The options with their defaults, checked. */
export function resamplingOf(
  operation: string,
  options: ResamplingOptions,
): { resamples: number; seed: number } {
  const { resamples = 1000, seed = 0 } = options;
  if (!Number.isInteger(resamples) || resamples < 1) {
    throw new EvaluationError(
      operation,
      `resamples is ${resamples}`,
      'pass a whole number from 1, e.g. 1000',
    );
  }
  if (!Number.isInteger(seed)) throw new EvaluationError(operation, `seed is ${seed}`, 'pass a whole number');
  return { resamples, seed };
}
