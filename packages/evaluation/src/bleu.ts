import { MAX_ORDER, NgramIndex } from './ngram-index.js';
import { checkTokenizedSamples, type TokenizedSample } from './tokenized-sample.js';

/** BLEU-1 to BLEU-4, fractions 0..1. */
export interface BleuScores {
  bleu1: number;
  bleu2: number;
  bleu3: number;
  bleu4: number;
}

/** Corpus BLEU and the BLEU of every sample alone, in the order of the samples. */
export interface BleuResult extends BleuScores {
  perSample: BleuScores[];
}

// The constants of the COCO scorer. They keep an empty hypothesis from dividing by zero, and they show in the
// digits: a perfect caption scores 1 - 1e-9/length, not 1.
const SMALL = 1e-9;
const TINY = 1e-15;

interface Tally {
  length: number;
  referenceLength: number;
  /** Clipped matches and n-grams, `[MAX_ORDER]` each. */
  matches: number[];
  guesses: number[];
}

const emptyTally = (): Tally => ({
  length: 0,
  referenceLength: 0,
  matches: new Array<number>(MAX_ORDER).fill(0),
  guesses: new Array<number>(MAX_ORDER).fill(0),
});

function closestLength(length: number, references: readonly (readonly string[])[]): number {
  let best = references[0]!.length;
  for (const { length: candidate } of references) {
    const gain = Math.abs(best - length) - Math.abs(candidate - length);
    if (gain > 0 || (gain === 0 && candidate < best)) best = candidate;
  }
  return best;
}

function tally({ hypothesis, references }: TokenizedSample): Tally {
  const index = new NgramIndex();
  const counts = index.count(hypothesis);
  const referenceCounts = references.map((tokens) => index.count(tokens));
  const result = emptyTally();
  result.length = hypothesis.length;
  result.referenceLength = closestLength(hypothesis.length, references);
  for (let order = 0; order < MAX_ORDER; order++) {
    result.guesses[order] = Math.max(0, hypothesis.length - order);
    for (const [ngram, count] of counts[order]!) {
      let allowed = 0;
      for (const ofReference of referenceCounts)
        allowed = Math.max(allowed, ofReference[order]!.get(ngram) ?? 0);
      result.matches[order]! += Math.min(count, allowed);
    }
  }
  return result;
}

function scoresOf({ length, referenceLength, matches, guesses }: Tally): BleuScores {
  const ratio = (length + TINY) / (referenceLength + SMALL);
  const brevity = ratio < 1 ? Math.exp(1 - 1 / ratio) : 1;
  let product = 1;
  const scores = matches.map((match, order) => {
    product *= (match + TINY) / (guesses[order]! + SMALL);
    return product ** (1 / (order + 1)) * brevity;
  });
  return { bleu1: scores[0]!, bleu2: scores[1]!, bleu3: scores[2]!, bleu4: scores[3]! };
}

/**
 * Corpus BLEU-1..4 (Papineni et al., ACL 2002) exactly as the COCO caption evaluation computes it: n-gram
 * matches clipped by the largest count in any one reference, sums over the corpus before the ratio, and the
 * reference length closest to the hypothesis (ties to the shorter). No smoothing beyond two tiny constants.
 *
 * `perSample` is the same formula on one image, as pycocoevalcap reports it; its mean is not the corpus score.
 *
 * @param samples tokens, see {@link TokenizedSample}
 * @returns fractions 0..1 (papers print them x100)
 * @throws EvaluationError if there are no samples, or one lacks references
 */
export function bleu(samples: readonly TokenizedSample[]): BleuResult {
  checkTokenizedSamples('bleu', samples);
  const total = emptyTally();
  const perSample = samples.map((sample) => {
    const own = tally(sample);
    total.length += own.length;
    total.referenceLength += own.referenceLength;
    for (let order = 0; order < MAX_ORDER; order++) {
      total.matches[order]! += own.matches[order]!;
      total.guesses[order]! += own.guesses[order]!;
    }
    return scoresOf(own);
  });
  return { ...scoresOf(total), perSample };
}
