import { EvaluationError } from './evaluation-error.js';
import { MAX_ORDER, NgramIndex } from './ngram-index.js';
import { checkTokenizedSamples, type TokenizedSample } from './tokenized-sample.js';

/** CIDEr of a corpus (mean over samples) and of every sample, on the scale 0..10. */
export interface CiderResult {
  cider: number;
  perSample: number[];
}

/** Options of {@link cider}. */
export interface CiderOptions {
  /**
   * `cider-d` (default) clips counts and penalises a differing length: what everyone reports as "CIDEr".
   * `cider` is the plain mean of cosines, without the stemming of the paper.
   */
  variant?: 'cider-d' | 'cider';
  /** Width of the length penalty of `cider-d`, in bigrams. Default 6. */
  sigma?: number;
}

/** tf-idf weights and their norms, `[MAX_ORDER]` each, and the "length" of a sentence. */
interface TermVector {
  weights: Map<number, number>[];
  norms: number[];
  /** Quirk of the original: its length is the number of bigrams, not of words. */
  bigrams: number;
}

function documentFrequencies(samples: readonly TokenizedSample[], index: NgramIndex): Map<number, number> {
  const frequencies = new Map<number, number>();
  for (const { references } of samples) {
    const seen = new Set<number>();
    for (const tokens of references) {
      for (const counts of index.count(tokens)) for (const ngram of counts.keys()) seen.add(ngram);
    }
    for (const ngram of seen) frequencies.set(ngram, (frequencies.get(ngram) ?? 0) + 1);
  }
  return frequencies;
}

function similarity(hypothesis: TermVector, reference: TermVector, clip: boolean, sigma: number): number {
  let sum = 0;
  for (let order = 0; order < MAX_ORDER; order++) {
    const ofReference = reference.weights[order]!;
    let product = 0;
    for (const [ngram, weight] of hypothesis.weights[order]!) {
      const other = ofReference.get(ngram);
      if (other !== undefined) product += (clip ? Math.min(weight, other) : weight) * other;
    }
    const norm = hypothesis.norms[order]! * reference.norms[order]!;
    sum += norm === 0 ? product : product / norm;
  }
  if (!clip) return sum;
  const difference = hypothesis.bigrams - reference.bigrams;
  return sum * Math.exp(-(difference ** 2) / (2 * sigma ** 2));
}

/**
 * CIDEr (Vedantam et al., CVPR 2015) as the COCO caption evaluation computes it, that is CIDEr-D: tf-idf
 * vectors of 1- to 4-grams, counts clipped, a gaussian penalty (sigma 6) on the difference of bigram counts,
 * mean over the four orders and over the references, times 10.
 *
 * Document frequencies come from the references of THIS corpus (images that contain the n-gram), so a score
 * belongs to its test set, and a corpus of one image always scores 0 because log(1) = 0.
 *
 * @param samples tokens, see {@link TokenizedSample}
 * @returns 0..10 as the original code returns; papers print it x100 (1.02 here is "102")
 * @throws EvaluationError if there are no samples, one lacks references, or sigma is not positive
 */
export function cider(samples: readonly TokenizedSample[], options: CiderOptions = {}): CiderResult {
  const { variant = 'cider-d', sigma = 6 } = options;
  checkTokenizedSamples('cider', samples);
  if (!(sigma > 0))
    throw new EvaluationError('cider', `sigma is ${sigma}`, 'pass a positive number, the standard is 6');
  if (variant !== 'cider-d' && variant !== 'cider') {
    throw new EvaluationError('cider', `variant is ${String(variant)}`, "pass 'cider-d' or 'cider'");
  }
  const index = new NgramIndex();
  const frequencies = documentFrequencies(samples, index);
  const logImages = Math.log(samples.length);

  const vectorOf = (tokens: readonly string[]): TermVector => {
    const counts = index.count(tokens);
    let bigrams = 0;
    for (const count of counts[1]!.values()) bigrams += count;
    const norms = counts.map((ofOrder) => {
      let squares = 0;
      for (const [ngram, count] of ofOrder) {
        const weight = count * (logImages - Math.log(frequencies.get(ngram) ?? 1));
        ofOrder.set(ngram, weight); // counts become weights in place
        squares += weight ** 2;
      }
      return Math.sqrt(squares);
    });
    return { weights: counts, norms, bigrams };
  };

  const perSample = samples.map(({ hypothesis, references }) => {
    const candidate = vectorOf(hypothesis);
    let sum = 0;
    for (const tokens of references)
      sum += similarity(candidate, vectorOf(tokens), variant === 'cider-d', sigma);
    return ((sum / MAX_ORDER) * 10) / references.length;
  });
  return { cider: perSample.reduce((sum, score) => sum + score, 0) / perSample.length, perSample };
}
