import { OcelliError } from '@ocelli/ops';
import type { NextScores } from './next-scores.js';

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
 * @param next log-probabilities of the rows' next tokens.
 * @param scores of the rows: `[rows]`.
 */
export function topCandidates(
  { values, width, ids }: NextScores,
  scores: readonly number[],
  count: number,
): Candidate[] {
  const best: Candidate[] = [];
  let worst = Number.NEGATIVE_INFINITY;
  for (const [row, base] of scores.entries()) {
    for (let column = 0; column < width; column++) {
      const at = row * width + column;
      const score = base + values[at]!;
      if (!(score > worst)) continue; // NaN neither
      const token = ids ? ids[at]! : column;
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
