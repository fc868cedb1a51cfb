import { expect, it } from 'vitest';
import { gqaAccuracy } from './gqa-accuracy.js';

it('compares normalised answers, any of those that count', () => {
  const { accuracy, perSample } = gqaAccuracy([
    { id: '1', answers: ['Yes'], prediction: ' yes.' },
    { id: '2', answers: ['two'], prediction: '2' },
    { id: '3', answers: ['the dog', 'cat'], prediction: 'a cat' },
    { id: '4', answers: ['left'], prediction: 'right' },
    { id: '5', answers: ['left'], prediction: '' },
  ]);
  expect(perSample).toEqual([1, 1, 1, 0, 0]);
  expect(accuracy).toBeCloseTo(0.6, 14);
});

it('refuses bad input', () => {
  expect(() => gqaAccuracy([])).toThrow('[gqaAccuracy] got 0 samples;');
  expect(() => gqaAccuracy([{ id: 'a', answers: [], prediction: 'x' }])).toThrow(
    'answers of sample "a" is an array of 0;',
  );
});
