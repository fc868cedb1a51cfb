import { OcelliError, philox } from '@ocelli/ops';
import { drawToken, minP, temperature, topK, topP } from './sampling-filters.js';
import type { ScoreProcessor } from './score-processors.js';
import type { Choose } from './token-search.js';

/** How tokens are drawn. A filter that is left out filters nothing. */
export interface SamplingOptions {
  /**
   * A draw depends on this, on the prompt's index, on the sample's and on the step, so results can be had again and no
   * prompt changes another's.
   */
  readonly seed: number;
  /** Scores are divided by it: below 1 sharpens, above flattens. Default 1. */
  readonly temperature?: number;
  /** Only from so many of the likeliest tokens. */
  readonly topK?: number;
  /** Only from the smallest set of likeliest tokens that holds this much probability. */
  readonly topP?: number;
  /** Only from tokens at least so many times as likely as the likeliest: 0 to 1. */
  readonly minP?: number;
  /** Index of the first prompt, where a longer list is generated in parts. Default 0. */
  readonly firstPrompt?: number;
}

/** The filters of a distribution, in transformers' order. */
export function samplingFilters(options: SamplingOptions): ScoreProcessor[] {
  const { temperature: heat = 1, topK: count, topP: mass = 1, minP: share } = options;
  if (!(Number.isSafeInteger(options.seed) && options.seed >= 0))
    throw wrong('seed', 'a whole number from 0', options.seed);
  if (!(heat > 0 && heat < Number.POSITIVE_INFINITY)) throw wrong('temperature', 'above 0', heat);
  if (count !== undefined && !(Number.isInteger(count) && count >= 1))
    throw wrong('topK', 'a whole number >= 1', count);
  if (!(mass >= 0 && mass <= 1)) throw wrong('topP', 'from 0 to 1', mass);
  if (share !== undefined && !(share >= 0 && share <= 1)) throw wrong('minP', 'from 0 to 1', share);
  return [
    ...(heat === 1 ? [] : [temperature(heat)]),
    ...(count === undefined ? [] : [topK(count)]),
    ...(mass === 1 ? [] : [topP(mass)]),
    ...(share === undefined ? [] : [minP(share)]),
  ];
}

/** Draws the tokens of a prompt's samples. */
export function drawFor(prompt: number, { seed, firstPrompt = 0 }: SamplingOptions): Choose {
  const key = [seed % 2 ** 32, Math.floor(seed / 2 ** 32)];
  return (scores, sample, step) => {
    const [high, low] = philox([step, sample, firstPrompt + prompt, 0], key) as [number, number];
    return drawToken(scores, ((high >>> 5) * 2 ** 26 + (low >>> 6)) / 2 ** 53);
  };
}

function wrong(name: string, expected: string, got: number): OcelliError {
  return new OcelliError('generate', `${name} must be ${expected}, got ${got}`);
}
