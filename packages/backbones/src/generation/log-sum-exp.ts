// Counted loops: for...of over 50,000 floats takes several times as long.

/** The greatest of some scores, NaN left out; -Infinity if there is none. */
export function maximum(scores: Float32Array): number {
  let best = Number.NEGATIVE_INFINITY;
  for (let id = 0; id < scores.length; id++) if (scores[id]! > best) best = scores[id]!;
  return best;
}

/** log(sum of exp(scores)): what to subtract from logits to make them log-probabilities. */
export function logSumExp(scores: Float32Array): number {
  const best = maximum(scores);
  let sum = 0;
  for (let id = 0; id < scores.length; id++) sum += Math.exp(scores[id]! - best);
  return best + Math.log(sum);
}
