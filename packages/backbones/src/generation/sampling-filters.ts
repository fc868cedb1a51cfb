import type { ScoreProcessor } from './score-processors.js';
import { topCandidates } from './top-candidates.js';

/** Divides scores: below 1 sharpens the distribution, above flattens it. `TemperatureLogitsWarper`. */
export function temperature(value: number): ScoreProcessor {
  return (scores) => {
    for (let id = 0; id < scores.length; id++) scores[id]! /= value;
  };
}

/** Keeps the `count` best tokens and those that equal the last of them. `TopKLogitsWarper`. */
export function topK(count: number): ScoreProcessor {
  return (scores) => {
    keepFrom(scores, topCandidates(scores, [0], scores.length, count).at(-1)!.score);
  };
}

/**
 * Keeps the smallest set of likeliest tokens whose probabilities add up to at least `mass`; of equal tokens the smaller
 * ids first (Holtzman et al. 2020, arXiv 1904.09751). `TopPLogitsWarper`.
 */
export function topP(mass: number): ScoreProcessor {
  return (scores) => {
    const best = maximum(scores);
    let total = 0;
    for (const score of scores) total += Math.exp(score - best);
    // Sorting the whole vocabulary would cost more than all else: only what is near the best, if it holds enough.
    for (let depth = 6; ; depth *= 2) {
      const near: number[] = [];
      let held = 0;
      for (let id = 0; id < scores.length; id++) {
        if (!(scores[id]! >= best - depth)) continue;
        near.push(id);
        held += Math.exp(scores[id]! - best);
      }
      if (held < mass * total && near.length < scores.length && depth < 1000) continue;
      near.sort((a, b) => scores[b]! - scores[a]! || a - b);
      let count = 0;
      for (let before = 0; count < near.length && (count === 0 || before < mass * total); count++)
        before += Math.exp(scores[near[count]!]! - best);
      const kept = near.slice(0, count).map((id) => [id, scores[id]!] as const);
      scores.fill(Number.NEGATIVE_INFINITY);
      for (const [id, score] of kept) scores[id] = score;
      return;
    }
  };
}

/** Keeps the tokens that are at least `share` times as likely as the likeliest (arXiv 2407.01082). `MinPLogitsWarper`. */
export function minP(share: number): ScoreProcessor {
  return (scores) => keepFrom(scores, maximum(scores) + Math.log(share));
}

/**
 * One token by its probability, softmax(scores): the first at which the sum of probabilities, in the order of ids,
 * exceeds `uniform`.
 *
 * @param uniform a number in [0, 1).
 * @returns its id, or -1 if no token has a probability (scores are NaN or infinite).
 */
export function drawToken(scores: Float32Array, uniform: number): number {
  const best = maximum(scores);
  const sums = new Float64Array(scores.length);
  let sum = 0;
  for (let id = 0; id < scores.length; id++) {
    sum += Math.exp(scores[id]! - best);
    sums[id] = sum;
  }
  if (!Number.isFinite(sum) || sum === 0) return -1;
  const goal = uniform * sum;
  return sums.findIndex((upTo) => upTo > goal);
}

function maximum(scores: Float32Array): number {
  let best = Number.NEGATIVE_INFINITY;
  for (const score of scores) if (score > best) best = score;
  return best;
}

function keepFrom(scores: Float32Array, lowest: number): void {
  for (let id = 0; id < scores.length; id++) if (scores[id]! < lowest) scores[id] = Number.NEGATIVE_INFINITY;
}
