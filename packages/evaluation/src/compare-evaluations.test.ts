import { describe, expect, it } from 'vitest';
import { generateCaptions } from '../test/generate-captions.js';
import { compareAnswers, compareCaptions } from './compare-evaluations.js';

describe('compareCaptions', () => {
  const good = generateCaptions(200, { seed: 1, errors: 0.1 });
  const bad = generateCaptions(200, { seed: 1, errors: 0.5 });

  it('compares every score of two runs, whatever the order of the second', () => {
    const result = compareCaptions(good, bad.toReversed(), { resamples: 200 });
    expect(Object.keys(result)).toEqual([
      'bleu1',
      'bleu2',
      'bleu3',
      'bleu4',
      'rougeL',
      'cider',
      'meteor',
      'exactMatch',
    ]);
    for (const score of ['bleu4', 'rougeL', 'cider', 'meteor'] as const) {
      const { first, second, difference, low, pValue, randomizationPValue } = result[score]!;
      expect(difference).toBeCloseTo(first - second, 10);
      expect(low).toBeGreaterThan(0);
      expect(pValue).toBeLessThan(0.02);
      expect(randomizationPValue).toBeLessThan(0.02);
    }
  });

  it('finds no difference between a run and itself', () => {
    const { cider, bleu4 } = compareCaptions(good, good, { resamples: 50 });
    expect(cider).toMatchObject({ difference: 0, pValue: 1, randomizationPValue: 1 });
    expect(bleu4).toMatchObject({ difference: 0, low: 0, high: 0 });
  });

  it('refuses runs on other samples', () => {
    expect(() => compareCaptions(good, good.slice(1))).toThrow(
      'the runs have 200 and 199 samples; compare two runs',
    );
    const renamed = good.map((one) => (one.id === '3' ? { ...one, id: 'x' } : one));
    expect(() => compareCaptions(good, renamed)).toThrow('the second run has no sample "3";');
    const rewritten = good.map((one) => (one.id === '3' ? { ...one, references: ['x'] } : one));
    expect(() => compareCaptions(good, rewritten)).toThrow('the references of sample "3" differ;');
  });
});

describe('compareAnswers', () => {
  const run = (right: number) =>
    Array.from({ length: 300 }, (_, i) => ({
      id: `${i}`,
      answers: ['yes'],
      prediction: i % 10 < right ? 'yes' : 'no',
    }));

  it('compares the scores of two runs', () => {
    const { vqaAccuracy, exactMatch } = compareAnswers(run(8), run(6), { resamples: 200 });
    expect(vqaAccuracy).toMatchObject({ first: 80, second: 60 });
    expect(vqaAccuracy!.difference).toBeCloseTo(20, 10);
    expect(vqaAccuracy!.pValue).toBeLessThan(0.02);
    expect(exactMatch!.difference).toBeCloseTo(0.2, 10);
  });

  it('refuses runs on other questions', () => {
    const other = run(6).map((one) => (one.id === '7' ? { ...one, answers: ['no'] } : one));
    expect(() => compareAnswers(run(8), other)).toThrow('the references of sample "7" differ;');
  });
});
