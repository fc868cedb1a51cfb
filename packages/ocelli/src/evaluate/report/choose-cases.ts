import { shuffledIndices } from '@ocelli/datasets';

/** Places of samples. */
export interface ChosenCases {
  /** Drawn from all over the data, in its order; the same for equal numbers of samples. */
  readonly drawn: readonly number[];
  /** The lowest scores, the worst first; none where all scores are equal. */
  readonly worst: readonly number[];
  /** The highest scores, the best first; none where all scores are equal. */
  readonly best: readonly number[];
}

/**
 * Chooses what a report shows of many samples: `count` drawn from all, and half as many of the worst and of the best, no
 * sample among both. Of equal scores the worst are those that come first, the best those that come last.
 */
export function chooseCases(scores: readonly number[], count: number): ChosenCases {
  const total = scores.length;
  // Not at equal distances: data often comes in groups of equal size, of which that would show the same member.
  const drawn = [...shuffledIndices(total, 0).subarray(0, count)].sort((a, b) => a - b);
  const order = [...scores.keys()].sort((a, b) => scores[a]! - scores[b]! || a - b);
  const isLevel = total === 0 || scores[order[0]!] === scores[order.at(-1)!];
  const half = isLevel ? 0 : Math.min(Math.ceil(count / 2), Math.floor(total / 2));
  return { drawn, worst: order.slice(0, half), best: order.slice(total - half).reverse() };
}
