import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { corpus, sample, THREE_TOKENIZED } from '../test/corpora.js';
import { rougeL } from './rouge-l.js';

/** Longest common subsequence straight from its definition: try every subsequence of `a`, longest first. */
function bruteForceLcs(a: readonly string[], b: readonly string[]): number {
  let best = 0;
  for (let mask = 0; mask < 2 ** a.length; mask++) {
    const chosen = a.filter((_, i) => (mask >> i) & 1);
    if (chosen.length <= best) continue;
    let at = 0;
    for (const token of b) if (token === chosen[at]) at++;
    if (at === chosen.length) best = chosen.length;
  }
  return best;
}

describe('rougeL', () => {
  it('gives the digits of pycocoevalcap', () => {
    const one = rougeL([sample('the cat was sat on the mat', 'the cat sat on the mat')]);
    expect(one.rougeL).toBeCloseTo(0.9360613810741688, 12);
    const three = rougeL(THREE_TOKENIZED);
    expect(three.rougeL).toBeCloseTo(0.7621661234701147, 12);
    [0.73849879, 0.89442815, 0.65357143].forEach((golden, i) => {
      expect(three.perSample[i]).toBeCloseTo(golden, 7);
    });
  });

  it('takes precision and recall from different references', () => {
    // 'a b' is all of the second reference (recall 1) and all lies in the first (precision 1)
    expect(rougeL([sample('a b', 'a x b y z', 'a')]).rougeL).toBe(1);
  });

  it('equals a brute-force ROUGE-L on random corpora with one reference', () => {
    const short = corpus(1).filter((samples) => samples.every(({ hypothesis }) => hypothesis.length <= 9));
    fc.assert(
      fc.property(short, (samples) => {
        const { perSample } = rougeL(samples.map((one) => ({ ...one, references: [one.references[0]!] })));
        samples.forEach(({ hypothesis, references }, i) => {
          const common = bruteForceLcs(hypothesis, references[0]!);
          const p = common / hypothesis.length;
          const r = common / references[0]!.length;
          expect(perSample[i]).toBeCloseTo(common === 0 ? 0 : (2.44 * p * r) / (r + 1.44 * p), 12);
        });
      }),
      { numRuns: 200 },
    );
  });

  it('scores identity 1, ignores the order of references, and never falls when one is added', () => {
    fc.assert(
      fc.property(corpus(), (samples) => {
        const own = samples.map(({ references }) => ({ hypothesis: references[0]!, references }));
        expect(rougeL(own).rougeL).toBeCloseTo(1, 12);
        const turned = samples.map((one) => ({ ...one, references: one.references.toReversed() }));
        expect(rougeL(turned)).toEqual(rougeL(samples));
        const fewer = samples.map((one) => ({ ...one, references: one.references.slice(0, 1) }));
        rougeL(samples).perSample.forEach((score, i) => {
          expect(score).toBeGreaterThanOrEqual(rougeL(fewer).perSample[i]! - 1e-12);
        });
      }),
      { numRuns: 300 },
    );
  });

  it('takes an empty caption for one empty token, as the original does', () => {
    expect(rougeL([sample('', 'a b')]).rougeL).toBe(0);
    expect(rougeL([sample('', '')]).rougeL).toBe(1);
  });

  it('refuses bad input', () => {
    expect(() => rougeL([])).toThrow('[rougeL] got 0 samples;');
  });
});
