import { checkTokenizedSamples, type TokenizedSample } from './tokenized-sample.js';

/** ROUGE-L of a corpus (mean over samples) and of every sample, fractions 0..1. */
export interface RougeLResult {
  rougeL: number;
  perSample: number[];
}

/** Recall weighs beta^2 = 1.44 times as much as precision, the value of the COCO caption evaluation. */
const BETA = 1.2;

// The COCO scorer splits the text at single spaces, so an empty caption is one empty token to it.
const EMPTY_CAPTION: readonly string[] = [''];

function longestCommonSubsequence(a: readonly string[], b: readonly string[]): number {
  let previous = new Array<number>(b.length + 1).fill(0);
  let current = new Array<number>(b.length + 1).fill(0);
  for (const token of a) {
    for (let j = 1; j <= b.length; j++) {
      current[j] = token === b[j - 1] ? previous[j - 1]! + 1 : Math.max(previous[j]!, current[j - 1]!);
    }
    [previous, current] = [current, previous];
  }
  return previous[b.length]!;
}

function scoreOne({ hypothesis, references }: TokenizedSample): number {
  const candidate = hypothesis.length === 0 ? EMPTY_CAPTION : hypothesis;
  let precision = 0;
  let recall = 0;
  for (const tokens of references) {
    const reference = tokens.length === 0 ? EMPTY_CAPTION : tokens;
    const common = longestCommonSubsequence(candidate, reference);
    precision = Math.max(precision, common / candidate.length);
    recall = Math.max(recall, common / reference.length);
  }
  if (precision === 0 || recall === 0) return 0;
  return ((1 + BETA ** 2) * precision * recall) / (recall + BETA ** 2 * precision);
}

/**
 * ROUGE-L (Lin, 2004) as the COCO caption evaluation computes it: the F-measure (beta 1.2) of the longest
 * common subsequence, with the best precision and the best recall taken independently over the references,
 * so they may come from two different ones. The corpus score is the mean over samples.
 *
 * @param samples tokens, see {@link TokenizedSample}
 * @returns fractions 0..1
 * @throws EvaluationError if there are no samples, or one lacks references
 */
export function rougeL(samples: readonly TokenizedSample[]): RougeLResult {
  checkTokenizedSamples('rougeL', samples);
  const perSample = samples.map(scoreOne);
  return { rougeL: perSample.reduce((sum, score) => sum + score, 0) / perSample.length, perSample };
}
