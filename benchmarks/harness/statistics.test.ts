import { expect, it } from 'vitest';
import { quantile, summarize } from './statistics.js';

it('gives the quantiles that numpy gives', () => {
  // numpy.quantile([7, 1, 3, 10], [0, 0.25, 0.5, 0.75, 1])
  const samples = [7, 1, 3, 10];
  expect([0, 0.25, 0.5, 0.75, 1].map((fraction) => quantile(samples, fraction))).toEqual([
    1, 2.5, 5, 7.75, 10,
  ]);
  expect(samples).toEqual([7, 1, 3, 10]);
  expect(summarize([4])).toEqual({ median: 4, lower: 4, upper: 4 });
  expect(() => summarize([])).toThrow('no samples');
});

it('is not moved by one bad sample', () => {
  expect(summarize([5, 5, 5, 5, 900])).toEqual({ median: 5, lower: 5, upper: 5 });
});
