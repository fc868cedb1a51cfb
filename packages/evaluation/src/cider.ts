import { EvaluationError } from './evaluation-error.js';
import { type EncodedSentence, MAX_ORDER, NgramIndex, orderStart } from './ngram-index.js';
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

/** One sample as ids of n-grams. */
interface EncodedSample {
  hypothesis: EncodedSentence;
  references: EncodedSentence[];
}

/** log(images / images whose references have the n-gram), by n-gram id; `[size + 1]`. */
function inverseDocumentFrequencies(samples: readonly EncodedSample[], size: number): Float64Array {
  const frequencies = new Int32Array(size + 1);
  const lastImage = new Int32Array(size + 1).fill(-1);
  samples.forEach(({ references }, image) => {
    for (const { ids } of references) {
      for (const ngram of ids) {
        if (lastImage[ngram] === image) continue;
        lastImage[ngram] = image;
        frequencies[ngram]! += 1;
      }
    }
  });
  const logImages = Math.log(samples.length);
  return Float64Array.from(frequencies, (images) => logImages - Math.log(Math.max(1, images)));
}

/** tf-idf weights by n-gram id, for one sentence at a time: nothing is allocated between sentences. */
class TermVector {
  readonly weights: Float64Array;
  readonly norms = new Float64Array(MAX_ORDER);
  /** Quirk of the original: the "length" of a sentence is the number of its bigrams, not of its words. */
  bigrams = 0;
  #ids: Int32Array = new Int32Array(0);

  constructor(readonly idf: Float64Array) {
    this.weights = new Float64Array(idf.length);
  }

  load({ length, ids }: EncodedSentence): void {
    for (const ngram of this.#ids) this.weights[ngram] = 0;
    this.#ids = ids;
    this.bigrams = Math.max(0, length - 1);
    for (const ngram of ids) this.weights[ngram]! += this.idf[ngram]!;
    for (let order = 0; order < MAX_ORDER; order++) {
      let squares = 0;
      // An n-gram that occurs k times weighs k idf and is met k times: idf per meeting adds up to its square.
      for (let i = orderStart(length, order); i < orderStart(length, order + 1); i++) {
        squares += this.weights[ids[i]!]! * this.idf[ids[i]!]!;
      }
      this.norms[order] = Math.sqrt(squares);
    }
  }
}

/** Sum over orders of the (clipped) cosine between the loaded vectors; `ids` are those of the reference. */
function similarity(
  hypothesis: TermVector,
  reference: TermVector,
  { length, ids }: EncodedSentence,
  clip: boolean,
  sigma: number,
): number {
  let sum = 0;
  for (let order = 0; order < MAX_ORDER; order++) {
    const norm = hypothesis.norms[order]! * reference.norms[order]!;
    if (norm === 0) continue;
    let product = 0;
    for (let i = orderStart(length, order); i < orderStart(length, order + 1); i++) {
      const ngram = ids[i]!;
      const weight = hypothesis.weights[ngram]!;
      product += (clip ? Math.min(weight, reference.weights[ngram]!) : weight) * reference.idf[ngram]!;
    }
    sum += product / norm;
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
  const encoded = samples.map(({ hypothesis, references }) => ({
    hypothesis: index.encode(hypothesis),
    references: references.map((tokens) => index.encode(tokens)),
  }));
  const idf = inverseDocumentFrequencies(encoded, index.size);
  const candidate = new TermVector(idf);
  const reference = new TermVector(idf);
  const perSample = encoded.map(({ hypothesis, references }) => {
    candidate.load(hypothesis);
    let sum = 0;
    for (const sentence of references) {
      reference.load(sentence);
      sum += similarity(candidate, reference, sentence, variant === 'cider-d', sigma);
    }
    return ((sum / MAX_ORDER) * 10) / references.length;
  });
  return { cider: perSample.reduce((sum, score) => sum + score, 0) / perSample.length, perSample };
}
