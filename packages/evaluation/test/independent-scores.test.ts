import { l as rougeOfPair } from 'js-rouge';
import { describe, expect, it } from 'vitest';
import { bleu, cider, rougeL, type TokenizedSample, tokenizeCaptionSamples } from '../src/index.js';
import { generateCaptions } from './generate-captions.js';

// The same numbers on five thousand generated caption sets, by programs that share nothing with the package: js-rouge,
// and BLEU and CIDEr from their formulas, with strings for n-grams and a pass over everything for every count.

const SAMPLES: readonly TokenizedSample[] = tokenizeCaptionSamples(generateCaptions(5000, { seed: 42 }));

const countOf = (items: readonly string[]): Record<string, number> => {
  const counts: Record<string, number> = Object.create(null);
  for (const item of items) counts[item] = (counts[item] ?? 0) + 1;
  return counts;
};
const ngrams = (tokens: readonly string[], n: number): string[] => {
  const result: string[] = [];
  for (let i = 0; i + n <= tokens.length; i++) result.push(tokens.slice(i, i + n).join(' '));
  return result;
};

/** Papineni et al. 2002, equations 1 to 3, with COCO's two small constants. */
function plainBleu(samples: readonly TokenizedSample[]): number[] {
  let length = 0;
  let referenceLength = 0;
  const clipped = [0, 0, 0, 0];
  const total = [0, 0, 0, 0];
  for (const { hypothesis, references } of samples) {
    length += hypothesis.length;
    referenceLength += references
      .map((tokens) => tokens.length)
      .sort((a, b) => Math.abs(a - hypothesis.length) - Math.abs(b - hypothesis.length) || a - b)[0]!;
    for (let n = 1; n <= 4; n++) {
      const own = countOf(ngrams(hypothesis, n));
      const theirs = references.map((tokens) => countOf(ngrams(tokens, n)));
      for (const gram of Object.keys(own)) {
        total[n - 1]! += own[gram]!;
        clipped[n - 1]! += Math.min(own[gram]!, Math.max(...theirs.map((counts) => counts[gram] ?? 0)));
      }
    }
  }
  const precisions = clipped.map((count, i) => (count + 1e-15) / (total[i]! + 1e-9));
  const ratio = (length + 1e-15) / (referenceLength + 1e-9);
  const penalty = ratio < 1 ? Math.exp(1 - 1 / ratio) : 1;
  return [1, 2, 3, 4].map(
    (n) => penalty * Math.exp(precisions.slice(0, n).reduce((sum, p) => sum + Math.log(p), 0) / n),
  );
}

/** Vedantam et al. 2015, the D variant: vectors as records of n-gram to weight. */
function plainCider(samples: readonly TokenizedSample[]): number[] {
  const scores = samples.map(() => 0);
  for (let n = 1; n <= 4; n++) {
    const images: Record<string, number> = Object.create(null);
    for (const { references } of samples) {
      for (const gram of new Set(references.flatMap((tokens) => ngrams(tokens, n))))
        images[gram] = (images[gram] ?? 0) + 1;
    }
    const vector = (tokens: readonly string[]) => {
      const weights = countOf(ngrams(tokens, n));
      for (const gram of Object.keys(weights))
        weights[gram]! *= Math.log(samples.length / Math.max(1, images[gram] ?? 0));
      return weights;
    };
    const norm = (weights: Record<string, number>) =>
      Math.sqrt(Object.values(weights).reduce((sum, w) => sum + w * w, 0));
    samples.forEach(({ hypothesis, references }, i) => {
      const own = vector(hypothesis);
      for (const tokens of references) {
        const theirs = vector(tokens);
        let product = 0;
        for (const gram of Object.keys(own))
          product += Math.min(own[gram]!, theirs[gram] ?? 0) * (theirs[gram] ?? 0);
        const norms = norm(own) * norm(theirs);
        const difference = Math.max(0, hypothesis.length - 1) - Math.max(0, tokens.length - 1); // in bigrams
        if (norms > 0)
          scores[i]! +=
            ((10 / 4) * (product / norms) * Math.exp(-(difference ** 2) / 72)) / references.length;
      }
    });
  }
  return scores;
}

describe('on 5,000 generated caption sets', () => {
  it('ROUGE-L of one reference is that of js-rouge', () => {
    const single = SAMPLES.map(({ hypothesis, references }) => ({
      hypothesis,
      references: [references[0]!],
    }));
    const { perSample } = rougeL(single);
    single.forEach(({ hypothesis, references }, i) => {
      const theirs = rougeOfPair(hypothesis.join(' '), references[0]!.join(' '), {
        beta: 1.2,
        tokenizer: (text: string) => text.split(' '),
      });
      expect(perSample[i]).toBeCloseTo(theirs, 12);
    });
  });

  it('BLEU is that of the formula', () => {
    const { bleu1, bleu2, bleu3, bleu4 } = bleu(SAMPLES);
    const expected = plainBleu(SAMPLES);
    [bleu1, bleu2, bleu3, bleu4].forEach((score, i) => {
      expect(score).toBeCloseTo(expected[i]!, 12);
      expect(score).toBeGreaterThan(0.01);
    });
  });

  it('CIDEr is that of the formula', () => {
    const { perSample, cider: score } = cider(SAMPLES);
    const expected = plainCider(SAMPLES);
    perSample.forEach((own, i) => {
      expect(own).toBeCloseTo(expected[i]!, 9);
    });
    expect(score).toBeCloseTo(expected.reduce((sum, own) => sum + own, 0) / expected.length, 9);
    expect(score).toBeGreaterThan(0.1);
  });
});
