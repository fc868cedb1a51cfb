import { OcelliError } from '@ocelli/ops';

/** A token that could follow a row. */
export interface Candidate {
  readonly row: number;
  readonly token: number;
  /** The row's own score plus the token's log-probability. */
  readonly score: number;
}

/**
 * The `count` best continuations of all rows together, best first; of equal ones the first row's, then the smallest
 * token's.
 *
 * @param logProbabilities `[rows, vocabulary]`.
 * @param scores of the rows: `[rows]`.
 */
export function topCandidates(
  logProbabilities: Float32Array,
  scores: readonly number[],
  vocabulary: number,
  count: number,
): Candidate[] {
  const best: Candidate[] = [];
  let worst = Number.NEGATIVE_INFINITY;
  for (const [row, base] of scores.entries()) {
    const offset = row * vocabulary;
    for (let token = 0; token < vocabulary; token++) {
      const score = base + logProbabilities[offset + token]!;
      if (!(score > worst)) continue; // NaN neither
      let place = best.length;
      while (place > 0 && best[place - 1]!.score < score) place--;
      best.splice(place, 0, { row, token, score });
      if (best.length > count) best.pop();
      if (best.length === count) worst = best[count - 1]!.score;
    }
  }
  if (best.length === 0) throw noToken();
  return best;
}

/** What to throw where no token can follow. */
export function noToken(): OcelliError {
  return new OcelliError(
    'generate',
    `no token has a probability: the model's logits are NaN or infinite, or the options forbid every token; ` +
      `check the weights, the hooks and what is forbidden`,
  );
}
