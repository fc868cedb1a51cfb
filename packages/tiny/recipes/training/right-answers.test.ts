import { expect, it } from 'vitest';
import { rightAnswers } from './right-answers.js';

it('counts the rows whose highest logit is the target', () => {
  const logits = Float32Array.of(0, 2, 1, 5, 4, 3, -1, -2, -3);
  expect(rightAnswers(logits, Int32Array.of(1, 0, 0))).toBe(3);
  expect(rightAnswers(logits, Int32Array.of(1, 1, 2))).toBe(1);
});
