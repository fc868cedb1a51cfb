import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { corpus, sample, THREE_TOKENIZED } from '../test/corpora.js';
import { bleu } from './bleu.js';
import type { TokenizedSample } from './tokenized-sample.js';

const list = ({
  bleu1,
  bleu2,
  bleu3,
  bleu4,
}: {
  bleu1: number;
  bleu2: number;
  bleu3: number;
  bleu4: number;
}) => [bleu1, bleu2, bleu3, bleu4];
const expectClose = (actual: readonly number[], expected: readonly number[], digits = 10) => {
  expect(actual.length).toBe(expected.length);
  actual.forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i]!, digits);
  });
};

/** Written apart from the implementation, from the formula: strings for n-grams, no shared state. */
function bruteForceBleu(samples: readonly TokenizedSample[]): number[] {
  const grams = (tokens: readonly string[], n: number) =>
    tokens.flatMap((_, i) => (i + n <= tokens.length ? [tokens.slice(i, i + n).join('|')] : []));
  const times = (all: readonly string[], one: string) => all.filter((gram) => gram === one).length;
  let c = 0;
  let r = 0;
  for (const { hypothesis, references } of samples) {
    c += hypothesis.length;
    const lengths = references.map((tokens) => tokens.length);
    lengths.sort((x, y) => Math.abs(x - hypothesis.length) - Math.abs(y - hypothesis.length) || x - y);
    r += lengths[0]!;
  }
  const precisions = [1, 2, 3, 4].map((n) => {
    let matched = 0;
    let made = 0;
    for (const { hypothesis, references } of samples) {
      const own = grams(hypothesis, n);
      made += own.length;
      for (const gram of new Set(own)) {
        matched += Math.min(
          times(own, gram),
          Math.max(...references.map((tokens) => times(grams(tokens, n), gram))),
        );
      }
    }
    return (matched + 1e-15) / (made + 1e-9);
  });
  const ratio = (c + 1e-15) / (r + 1e-9);
  const brevity = Math.min(1, Math.exp(1 - 1 / ratio));
  return [1, 2, 3, 4].map((n) => brevity * precisions.slice(0, n).reduce((a, b) => a * b, 1) ** (1 / n));
}

describe('bleu', () => {
  it('gives the digits of pycocoevalcap (and of Maluuba/nlg-eval#105) on one image', () => {
    const scores = bleu([sample('the cat was sat on the mat', 'the cat sat on the mat')]);
    const golden = [0.8571428570204083, 0.7559289459014655, 0.6114214173619154, 0.4889230223420641];
    expectClose(list(scores), golden, 12);
    expectClose(list(scores.perSample[0]!), golden, 12);
  });

  it('gives the digits of pycocoevalcap on three images with two references', () => {
    expectClose(
      list(bleu(THREE_TOKENIZED)),
      [0.8668778996263423, 0.7841205632956207, 0.6435236921204462, 0.5513506438409822],
      12,
    );
  });

  it('takes the shorter of two equally close references', () => {
    // 4 tokens against 3 and 5: reference length 3, no brevity penalty
    const { bleu1 } = bleu([sample('a b c d', 'a b c', 'a b c d e')]);
    expect(bleu1).toBeCloseTo(1, 8);
    // 4 against 5 alone is penalised
    expect(bleu([sample('a b c d', 'a b c d e')]).bleu1).toBeCloseTo(Math.exp(-1 / 4), 8);
  });

  it('clips by the best single reference, not by their sum', () => {
    expect(bleu([sample('a a', 'a b', 'c a')]).bleu1).toBeCloseTo(0.5, 8);
  });

  it('equals a brute-force BLEU on random corpora', () => {
    fc.assert(
      fc.property(corpus(), (samples) => {
        const scores = bleu(samples);
        expectClose(list(scores), bruteForceBleu(samples), 11);
        samples.forEach((one, i) => {
          expectClose(list(scores.perSample[i]!), bruteForceBleu([one]), 11);
        });
      }),
      { numRuns: 400 },
    );
  });

  it('scores identity 1', () => {
    fc.assert(
      fc.property(corpus(4), (samples) => {
        const own = samples.map(({ references }) => ({ hypothesis: references[0]!, references }));
        expectClose(list(bleu(own)), [1, 1, 1, 1], 7); // 1 - 1e-9 / length, a few times over
      }),
    );
  });

  it('does not care for the order of references', () => {
    fc.assert(
      fc.property(corpus(), (samples) => {
        const turned = samples.map((one) => ({ ...one, references: one.references.toReversed() }));
        expect(bleu(turned)).toEqual(bleu(samples));
      }),
    );
  });

  it('scores an empty hypothesis 0 and refuses bad input', () => {
    expect(bleu([sample('', 'a b')]).bleu1).toBe(0);
    expect(() => bleu([])).toThrow('[bleu] got 0 samples; pass at least one');
    expect(() => bleu([{ hypothesis: [], references: [] }])).toThrow(
      '[bleu] samples[0].references is an array of 0;',
    );
    const text = { hypothesis: 'a b', references: ['a b'] } as unknown as TokenizedSample;
    expect(() => bleu([text])).toThrow(
      '[bleu] samples[0].hypothesis is "a b", not an array of tokens; split',
    );
    const holed = { hypothesis: ['a', 3], references: [['a']] } as unknown as TokenizedSample;
    expect(() => bleu([holed])).toThrow('[bleu] samples[0].hypothesis[1] is number 3;');
  });
});
