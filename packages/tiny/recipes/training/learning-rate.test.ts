import { expect, it } from 'vitest';
import { learningRateAt } from './learning-rate.js';

it('warms up, then falls along a cosine to a twentieth', () => {
  const options = { learningRate: 1, warmUpSteps: 10, steps: 110 };
  expect(learningRateAt(0, options)).toBeCloseTo(0.1, 12);
  expect(learningRateAt(9, options)).toBe(1);
  expect(learningRateAt(60, options)).toBeCloseTo(0.05 + 0.95 / 2, 12);
  expect(learningRateAt(110, options)).toBeCloseTo(0.05, 12);
});
