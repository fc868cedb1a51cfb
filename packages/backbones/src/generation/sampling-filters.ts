import { maximum } from './log-sum-exp.js';
import { allScores } from './next-scores.js';
import type { ScoreProcessor } from './score-processors.js';
import { topCandidates } from './top-candidates.js';

/** Of `topP`; the last bucket takes all that is further away. */
const buckets = 1024;
const bucketsPerNat = 32;

/** Of `drawToken`: tokens whose probabilities are summed up before it looks closer. */
const drawBlock = 1024;

/** Divides scores: below 1 sharpens the distribution, above flattens it. `TemperatureLogitsWarper`. */
export function temperature(value: number): ScoreProcessor {
  return (scores) => {
    for (let id = 0; id < scores.length; id++) scores[id]! /= value;
  };
}

/** Keeps the `count` best tokens and those that equal the last of them. `TopKLogitsWarper`. */
export function topK(count: number): ScoreProcessor {
  return (scores) => {
    keepFrom(scores, topCandidates(allScores(scores, scores.length), [0], count).at(-1)!.score);
  };
}

/**
 * Keeps the smallest set of likeliest tokens whose probabilities add up to at least `mass`; of equal tokens the smaller
 * ids first (Holtzman et al. 2020, arXiv 1904.09751). `TopPLogitsWarper`.
 */
export function topP(mass: number): ScoreProcessor {
  return (scores) => {
    const best = maximum(scores);
    // Tokens by how far they are below the best: only those of the bucket with the border need an order.
    const bucketOf = (score: number): number =>
      Math.min(buckets - 1, Math.trunc((best - score) * bucketsPerNat));
    const held = new Float64Array(buckets);
    for (let id = 0; id < scores.length; id++) {
      const score = scores[id]!;
      if (score > Number.NEGATIVE_INFINITY) held[bucketOf(score)]! += Math.exp(score - best);
    }
    const goal = mass * held.reduce((sum, weight) => sum + weight, 0);
    let border = 0;
    let before = 0;
    while (border < buckets - 1 && before + held[border]! < goal) before += held[border++]!;
    const atBorder: number[] = [];
    for (let id = 0; id < scores.length; id++) {
      const score = scores[id]!;
      if (score === Number.NEGATIVE_INFINITY) continue;
      const bucket = bucketOf(score);
      if (bucket === border) atBorder.push(id);
      else if (bucket > border) scores[id] = Number.NEGATIVE_INFINITY;
    }
    atBorder.sort((a, b) => scores[b]! - scores[a]! || a - b);
    for (const [place, id] of atBorder.entries()) {
      const isKept = before < goal || (border === 0 && place === 0);
      before += Math.exp(scores[id]! - best);
      if (!isKept) scores[id] = Number.NEGATIVE_INFINITY;
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
  const sums = new Float64Array(Math.ceil(scores.length / drawBlock));
  for (let id = 0; id < scores.length; id++)
    if (scores[id] !== Number.NEGATIVE_INFINITY)
      sums[Math.floor(id / drawBlock)]! += Math.exp(scores[id]! - best);
  const total = sums.reduce((sum, weight) => sum + weight, 0);
  if (!(total > 0 && total < Number.POSITIVE_INFINITY)) return -1;
  const last = sums.findLastIndex((sum) => sum > 0);
  let rest = uniform * total;
  let block = 0;
  while (block < last && rest >= sums[block]!) rest -= sums[block++]!;
  let chosen = -1;
  for (let id = block * drawBlock; id < scores.length && rest >= 0; id++) {
    if (scores[id] === Number.NEGATIVE_INFINITY) continue;
    rest -= Math.exp(scores[id]! - best);
    chosen = id;
  }
  return chosen;
}

function keepFrom(scores: Float32Array, lowest: number): void {
  for (let id = 0; id < scores.length; id++) if (scores[id]! < lowest) scores[id] = Number.NEGATIVE_INFINITY;
}
