import { expect, test } from 'vitest';
import { nearest } from './nearest.js';

test.each([
  ['lerningRate', 'learningRate'],
  ['learning_rate', 'learningRate'],
  ['setps', 'steps'],
  ['WarmUp', 'warmUp'],
  ['capton', 'caption'],
  ['--adaptr', '--adapter'],
])('%s is near %s', (word, expected) => {
  const candidates = ['steps', 'learningRate', 'warmUp', 'caption', '--adapter', '--beams'];
  expect(nearest(word, candidates)).toBe(expected);
});

test('nothing is near a word of another kind', () => {
  expect(nearest('zebra', ['steps', 'learningRate'])).toBeNull();
  expect(nearest('x', [])).toBeNull();
});
