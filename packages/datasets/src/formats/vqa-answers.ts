/** Answers with how right each is. */
export interface ScoredAnswers {
  /** Best first; among equals in order of appearance. */
  readonly answers: readonly string[];
  /** 0 to 1, beside `answers`. */
  readonly scores: readonly number[];
}

/** Orders answers by their score. */
export function scoredAnswers(scoreOf: Iterable<readonly [string, number]>): ScoredAnswers {
  const sorted = [...scoreOf].sort((one, other) => other[1] - one[1]);
  return { answers: sorted.map(([answer]) => answer), scores: sorted.map(([, score]) => score) };
}

/**
 * The soft scores of VQA v2 from what ten people answered: the official accuracy (`min(matches / 3, 1)` averaged over
 * the ten ways to leave one person out), which gives 0.3, 0.6, 0.9 and 1 for one, two, three and four or more.
 * Source: Goyal et al. 2017; the same table stands in VL-T5's labels.
 */
export function scoreAnnotators(annotatorAnswers: readonly string[]): ScoredAnswers {
  const counts = new Map<string, number>();
  for (const answer of annotatorAnswers) counts.set(answer, (counts.get(answer) ?? 0) + 1);
  const table = [0, 0.3, 0.6, 0.9, 1];
  return scoredAnswers([...counts].map(([answer, count]) => [answer, table[Math.min(count, 4)]!] as const));
}
