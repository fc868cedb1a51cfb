import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { corpus, sample, THREE_TOKENIZED } from '../test/corpora.js';
import { cider } from './cider.js';
import type { TokenizedSample } from './tokenized-sample.js';

/** CIDEr-D from the paper's formula (and the bigram length), with dense vectors over all n-grams. */
function bruteForceCider(samples: readonly TokenizedSample[]): number[] {
  const grams = (tokens: readonly string[], n: number) =>
    tokens.flatMap((_, i) => (i + n <= tokens.length ? [tokens.slice(i, i + n).join('|')] : []));
  const dot = (x: readonly number[], y: readonly number[]) =>
    x.reduce((sum, value, i) => sum + value * y[i]!, 0);
  const totals = samples.map(() => 0);
  for (const n of [1, 2, 3, 4]) {
    const ofImages = samples.map((s) => new Set(s.references.flatMap((tokens) => grams(tokens, n))));
    const vocabulary = [
      ...new Set(samples.flatMap((s) => [s.hypothesis, ...s.references].flatMap((t) => grams(t, n)))),
    ];
    const idf = vocabulary.map((gram) =>
      Math.log(samples.length / Math.max(1, ofImages.filter((image) => image.has(gram)).length)),
    );
    const vector = (tokens: readonly string[]) => {
      const own = grams(tokens, n);
      return vocabulary.map((gram, i) => own.filter((other) => other === gram).length * idf[i]!);
    };
    samples.forEach(({ hypothesis, references }, image) => {
      const h = vector(hypothesis);
      for (const tokens of references) {
        const r = vector(tokens);
        const clipped = h.map((value, i) => Math.min(value, r[i]!));
        const norm = Math.sqrt(dot(h, h)) * Math.sqrt(dot(r, r));
        const delta = grams(hypothesis, 2).length - grams(tokens, 2).length;
        const share = 10 / 4 / references.length;
        if (norm > 0) totals[image]! += share * (dot(clipped, r) / norm) * Math.exp(-(delta * delta) / 72);
      }
    });
  }
  return totals;
}

describe('cider', () => {
  it('gives the digits of pycocoevalcap', () => {
    expect(cider([sample('the cat was sat on the mat', 'the cat sat on the mat')]).cider).toBe(0);
    const three = cider(THREE_TOKENIZED);
    expect(three.cider).toBeCloseTo(2.769943116860127, 12);
    [3.68959188, 2.63092502, 1.98931245].forEach((golden, i) => {
      expect(three.perSample[i]).toBeCloseTo(golden, 7);
    });
  });

  it('equals a brute-force CIDEr-D on random corpora', () => {
    fc.assert(
      fc.property(corpus(), (samples) => {
        const expected = bruteForceCider(samples);
        const { perSample, cider: overall } = cider(samples);
        expected.forEach((score, i) => {
          expect(perSample[i]).toBeCloseTo(score, 9);
        });
        expect(overall).toBeCloseTo(expected.reduce((a, b) => a + b, 0) / expected.length, 9);
      }),
      { numRuns: 400 },
    );
  });

  it('measures length in bigrams: one word and no word are equally long', () => {
    // 'a' has 0 bigrams like '', so nothing but the missing match differs; 2 bigrams more cost exp(-4/72)
    const others = [sample('x', 'x'), sample('y', 'y')];
    const same = cider([sample('a', 'a'), ...others]).perSample[0]!;
    expect(same).toBeCloseTo(2.5, 12); // unigrams only: a quarter of 10
    const longer = cider([sample('a', 'a a a'), ...others]).perSample[0]!;
    // clipping min(w, 3w) * 3w over |w| |3w| is 1: only the penalty is left
    expect(longer).toBeCloseTo(2.5 * Math.exp(-(2 ** 2) / 72), 12);
  });

  it('has the plain variant, which neither clips nor penalises length', () => {
    const others = [sample('x', 'x'), sample('y', 'y')];
    const { perSample } = cider([sample('a', 'a a a'), ...others], { variant: 'cider' });
    expect(perSample[0]).toBeCloseTo(2.5, 12);
  });

  it('scores identity 10 where every n-gram tells images apart', () => {
    const samples = [sample('a b c d e', 'a b c d e'), sample('f g h i', 'f g h i')];
    expect(cider(samples).cider).toBeCloseTo(10, 12);
  });

  it('does not care for the order of references or images', () => {
    fc.assert(
      fc.property(corpus(), (samples) => {
        const turned = samples.map((one) => ({ ...one, references: one.references.toReversed() }));
        expect(cider(turned).cider).toBeCloseTo(cider(samples).cider, 12);
        expect(cider(samples.toReversed()).cider).toBeCloseTo(cider(samples).cider, 12);
      }),
    );
  });

  it('refuses bad input', () => {
    expect(() => cider([])).toThrow('[cider] got 0 samples; pass at least one');
    expect(() => cider([sample('a')])).toThrow(
      '[cider] samples[0].references is an array of 0; give every sample',
    );
    expect(() => cider([sample('a', 'a')], { sigma: 0 })).toThrow('[cider] sigma is 0;');
  });
});
