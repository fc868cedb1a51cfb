import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bootstrapInterval, quantile } from './bootstrap-interval.js';
import { seededIntegers } from './random.js';
import { meanOf } from './sample-sums.js';

describe('bootstrapInterval', () => {
  it('is as wide as the binomial distribution says', () => {
    // 1000 answers, 70 % right: the standard error of the mean is sqrt(0.7 * 0.3 / 1000) = 0.01449
    const right = Array.from({ length: 1000 }, (_, i) => (i % 10 < 7 ? 1 : 0));
    const { score, low, high } = bootstrapInterval(meanOf(right), { resamples: 4000, seed: 1 });
    const deviation = Math.sqrt((0.7 * 0.3) / 1000);
    expect(score).toBeCloseTo(0.7, 12);
    // Four thousand resamples put the ends of the interval within about 0.06 deviations of 1.96.
    expect(Math.abs((score - low) / deviation - 1.96)).toBeLessThan(0.25);
    expect(Math.abs((high - score) / deviation - 1.96)).toBeLessThan(0.25);
    const wide = bootstrapInterval(meanOf(right), { resamples: 4000, seed: 1, confidence: 0.5 });
    expect(Math.abs((wide.high - score) / deviation - 0.674)).toBeLessThan(0.15);
  });

  it('holds the true mean about as often as it promises', () => {
    const draw = seededIntegers(11);
    let held = 0;
    for (let trial = 0; trial < 300; trial++) {
      const values = Array.from({ length: 60 }, () => draw(1000) / 999); // mean 0.5
      const { low, high } = bootstrapInterval(meanOf(values), { resamples: 200, seed: trial });
      if (low <= 0.5 && high >= 0.5) held++;
    }
    // 285 of 300 expected, standard deviation 3.8; percentiles of 60 samples hold a little less.
    expect(held).toBeGreaterThan(265);
    expect(held).toBeLessThan(298);
  });

  it('is the same for the same seed and another for another', () => {
    const values = meanOf([0, 0.1, 0.5, 0.9, 1, 0.3, 0.2]);
    const once = bootstrapInterval(values, { seed: 4, resamples: 50 });
    expect(bootstrapInterval(values, { seed: 4, resamples: 50 })).toEqual(once);
    expect(bootstrapInterval(values, { seed: 5, resamples: 50 })).not.toEqual(once);
  });

  it('resamples sums, not scores', () => {
    // A ratio of sums: all resamples of equal rows have the same one.
    const rows = [
      [1, 2],
      [1, 2],
    ];
    expect(bootstrapInterval({ rows, score: (sums) => sums[0]! / sums[1]! })).toEqual({
      score: 0.5,
      low: 0.5,
      high: 0.5,
    });
    const { low, high } = bootstrapInterval(
      { rows: [[1], [3]], score: (sums) => sums[0]! },
      { resamples: 500 },
    );
    expect([low, high]).toEqual([2, 6]); // both samples the one or the other
  });

  it('lies within the values', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 20 }),
        (values) => {
          const { low, high, score } = bootstrapInterval(meanOf(values), { resamples: 40 });
          expect(low).toBeLessThanOrEqual(high);
          for (const value of [low, high, score]) {
            expect(value).toBeGreaterThanOrEqual(Math.min(...values) - 1e-12);
            expect(value).toBeLessThanOrEqual(Math.max(...values) + 1e-12);
          }
        },
      ),
    );
  });

  it('refuses bad input', () => {
    expect(() => bootstrapInterval(meanOf([]))).toThrow(
      '[bootstrapInterval] got 0 samples; pass at least one',
    );
    expect(() => bootstrapInterval(meanOf([1]), { resamples: 0 })).toThrow('resamples is 0;');
    expect(() => bootstrapInterval(meanOf([1]), { seed: 0.5 })).toThrow('seed is 0.5; pass a whole number');
    expect(() => bootstrapInterval(meanOf([1]), { confidence: 95 })).toThrow(
      'confidence is 95; pass a share',
    );
    expect(() => bootstrapInterval(meanOf([1, Number.NaN]))).toThrow(
      'rows[1][0] is NaN; pass finite numbers',
    );
    expect(() => bootstrapInterval({ rows: [[1], [1, 2]], score: () => 0 })).toThrow(
      'rows[1] has 2 numbers, rows[0] has 1;',
    );
  });
});

it('quantile lies between neighbours', () => {
  const sorted = Float64Array.of(0, 10, 20, 30);
  expect([0, 0.5, 1, 0.25, 0.1].map((share) => quantile(sorted, share))).toEqual(
    [0, 15, 30, 7.5, 3].map((x) => expect.closeTo(x, 12)),
  );
});

it('seeded integers are even', () => {
  const draw = seededIntegers(3);
  const counts = new Array<number>(10).fill(0);
  for (let i = 0; i < 100_000; i++) counts[draw(10)]! += 1;
  // 10000 each, standard deviation 95
  for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(5 * 95);
});
