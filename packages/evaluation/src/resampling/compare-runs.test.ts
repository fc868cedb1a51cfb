import { describe, expect, it } from 'vitest';
import { approximateRandomization, pairedBootstrap } from './compare-runs.js';
import { seededIntegers } from './random.js';
import { meanOf } from './sample-sums.js';

const coin = (seed: number, count: number, percent: number) => {
  const draw = seededIntegers(seed);
  return Array.from({ length: count }, () => (draw(100) < percent ? 1 : 0));
};
const both = [
  ['pairedBootstrap', pairedBootstrap],
  ['approximateRandomization', approximateRandomization],
] as const;

describe.each(both)('%s', (_, compare) => {
  it('finds a difference of 10 points in 1000 answers, and its sign', () => {
    const [better, worse] = [coin(1, 1000, 60), coin(2, 1000, 50)];
    const { difference, pValue } = compare(meanOf(better), meanOf(worse));
    expect(difference).toBeGreaterThan(0.05);
    expect(pValue).toBeLessThan(0.01);
    const turned = compare(meanOf(worse), meanOf(better));
    expect(turned.difference).toBeCloseTo(-difference, 12);
    expect(turned.pValue).toBeLessThan(0.01);
  });

  it('finds none between a run and itself', () => {
    const run = meanOf(coin(3, 200, 50));
    expect(compare(run, run)).toMatchObject({ difference: 0, pValue: 1 });
  });

  it('finds one between equal runs about as often as it should', () => {
    let found = 0;
    for (let trial = 0; trial < 200; trial++) {
      const [a, b] = [coin(1000 + trial, 100, 50), coin(5000 + trial, 100, 50)];
      if (compare(meanOf(a), meanOf(b), { resamples: 200, seed: trial }).pValue <= 0.05) found++;
    }
    // 10 of 200 expected, standard deviation 3.1
    expect(found).toBeLessThan(25);
  });

  it('uses that the samples are the same: a small gain on each is sure', () => {
    const base = Array.from({ length: 100 }, (_, i) => i % 50);
    const gain = base.map((value) => value + 0.5);
    expect(compare(meanOf(gain), meanOf(base)).pValue).toBeLessThan(0.01);
  });

  it('refuses runs that do not fit', () => {
    expect(() => compare(meanOf([1]), meanOf([1, 2]))).toThrow(
      'the runs have 1 and 2 samples; pass the same samples',
    );
    expect(() => compare(meanOf([1]), { rows: [[1, 2]], score: () => 0 })).toThrow(
      'rows have 1 and 2 numbers;',
    );
    expect(() => compare(meanOf([1]), meanOf([1]), { resamples: 1.5 })).toThrow('resamples is 1.5;');
  });
});

it('approximateRandomization equals counting all exchanges', () => {
  // Differences 1, 1, 1, -1: of the 16 exchanges those with a sum of 2 or more, or -2 or less, are 10.
  const first = meanOf([1, 1, 1, 0]);
  const second = meanOf([0, 0, 0, 1]);
  const { pValue, difference } = approximateRandomization(first, second, { resamples: 20_000 });
  expect(difference).toBe(0.5);
  // standard deviation sqrt(0.625 * 0.375 / 20000) = 0.0034
  expect(Math.abs(pValue - 10 / 16)).toBeLessThan(5 * 0.0034);
});

it('pairedBootstrap gives the interval of the difference', () => {
  const first = coin(1, 1000, 60);
  const second = coin(2, 1000, 50);
  const { low, high, difference } = pairedBootstrap(meanOf(first), meanOf(second), { resamples: 4000 });
  const differences = first.map((value, i) => value - second[i]!);
  const variance = differences.reduce((sum, value) => sum + (value - difference) ** 2, 0) / 1000;
  const deviation = Math.sqrt(variance / 1000);
  expect(Math.abs((high - low) / (2 * 1.96 * deviation) - 1)).toBeLessThan(0.1);
});
