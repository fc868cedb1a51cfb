import { type EncodedSentence, MAX_ORDER, NgramIndex, orderStart } from './ngram-index.js';
import type { SampleSums } from './resampling/sample-sums.js';
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
  /** What the corpus adds up, `[samples][10]`: length, reference length, matches and n-grams of each order. */
  statistics: number[][];
}

// The constants of the COCO scorer. They keep an empty hypothesis from dividing by zero, and they show in the
// digits: a perfect caption scores 1 - 1e-9/length, not 1.
const SMALL = 1e-9;
const TINY = 1e-15;

// Where a sample's statistics have what.
const LENGTH = 0;
const REFERENCE_LENGTH = 1;
const MATCHES = 2;
const GUESSES = MATCHES + MAX_ORDER;
const STATISTICS = GUESSES + MAX_ORDER;

function closestLength(length: number, references: readonly (readonly string[])[]): number {
  let best = references[0]!.length;
  for (const { length: candidate } of references) {
    const gain = Math.abs(best - length) - Math.abs(candidate - length);
    if (gain > 0 || (gain === 0 && candidate < best)) best = candidate;
  }
  return best;
}

/** Number of n-grams of each order that one reference allows: the largest count in any one of them. */
function allowances(references: readonly EncodedSentence[]): Map<number, number> {
  const allowed = new Map<number, number>();
  const first = references[0]!.ids;
  for (const ngram of first) allowed.set(ngram, (allowed.get(ngram) ?? 0) + 1);
  for (let r = 1; r < references.length; r++) {
    const own = new Map<number, number>();
    for (const ngram of references[r]!.ids) {
      const count = (own.get(ngram) ?? 0) + 1;
      own.set(ngram, count);
      if (count > (allowed.get(ngram) ?? 0)) allowed.set(ngram, count);
    }
  }
  return allowed;
}

function tally({ hypothesis, references }: TokenizedSample, index: NgramIndex): number[] {
  const { length, ids } = index.encode(hypothesis);
  const allowed = allowances(references.map((tokens) => index.encode(tokens)));
  const result = new Array<number>(STATISTICS).fill(0);
  result[LENGTH] = length;
  result[REFERENCE_LENGTH] = closestLength(length, references);
  for (let order = 0; order < MAX_ORDER; order++) {
    const end = orderStart(length, order + 1);
    result[GUESSES + order] = Math.max(0, length - order);
    for (let i = orderStart(length, order); i < end; i++) {
      const left = allowed.get(ids[i]!) ?? 0;
      if (left === 0) continue;
      allowed.set(ids[i]!, left - 1);
      result[MATCHES + order]! += 1;
    }
  }
  return result;
}

function scoresOf(statistics: ArrayLike<number>): BleuScores {
  const ratio = (statistics[LENGTH]! + TINY) / (statistics[REFERENCE_LENGTH]! + SMALL);
  const brevity = ratio < 1 ? Math.exp(1 - 1 / ratio) : 1;
  let product = 1;
  const scores = Array.from({ length: MAX_ORDER }, (_, order) => {
    product *= (statistics[MATCHES + order]! + TINY) / (statistics[GUESSES + order]! + SMALL);
    return product ** (1 / (order + 1)) * brevity;
  });
  return { bleu1: scores[0]!, bleu2: scores[1]!, bleu3: scores[2]!, bleu4: scores[3]! };
}

/** One of the four scores as a function of sums, for intervals and tests between runs. */
export function bleuSums({ statistics }: BleuResult, score: keyof BleuScores): SampleSums {
  return { rows: statistics, score: (sums) => scoresOf(sums)[score] };
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
  const index = new NgramIndex();
  const total = new Float64Array(STATISTICS);
  const statistics = samples.map((sample) => tally(sample, index));
  for (const own of statistics) for (let i = 0; i < STATISTICS; i++) total[i]! += own[i]!;
  return { ...scoresOf(total), perSample: statistics.map(scoresOf), statistics };
}
