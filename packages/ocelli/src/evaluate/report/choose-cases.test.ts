import { expect, it } from 'vitest';
import { chooseCases } from './choose-cases.js';

const scores = Array.from({ length: 300 }, (_, i) => (i * 7919) % 300);

it('draws some of all in their order, and half as many of the worst and the best', () => {
  const { drawn, worst, best } = chooseCases(scores, 24);
  expect(new Set(drawn).size).toBe(24);
  expect(drawn).toEqual([...drawn].sort((a, b) => a - b));
  expect(chooseCases(scores, 24).drawn).toEqual(drawn);
  // Five questions of each picture: every one of the five is among them.
  expect(new Set(drawn.map((place) => place % 5)).size).toBe(5);
  expect(worst.map((place) => scores[place])).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  expect(best.map((place) => scores[place])).toEqual([
    299, 298, 297, 296, 295, 294, 293, 292, 291, 290, 289, 288,
  ]);
});

it('shows no sample as one of the worst and of the best', () => {
  expect(chooseCases([3, 1, 2], 24)).toEqual({ drawn: [0, 1, 2], worst: [1], best: [0] });
  expect(chooseCases([0, 1, 0, 1], 4)).toEqual({ drawn: [0, 1, 2, 3], worst: [0, 2], best: [3, 1] });
  expect(chooseCases([0.5, 0.5, 0.5], 2)).toMatchObject({ worst: [], best: [] });
  expect(chooseCases([], 24)).toEqual({ drawn: [], worst: [], best: [] });
  expect(chooseCases(scores, 0)).toEqual({ drawn: [], worst: [], best: [] });
});
