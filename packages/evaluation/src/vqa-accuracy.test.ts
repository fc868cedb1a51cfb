import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { vqaAccuracy } from './vqa-accuracy.js';

const answers = (...counted: (readonly [number, string])[]) =>
  counted.flatMap(([times, answer]) => new Array<string>(times).fill(answer));

describe('vqaAccuracy', () => {
  it.each([
    [90, 'cat', answers([3, 'cat'], [7, 'dog'])],
    [60, 'cat', answers([2, 'cat'], [8, 'dog'])],
    [30, 'cat', answers([1, 'cat'], [9, 'dog'])],
    [0, 'yes', answers([10, 'Yes'])], // all equal, so nothing is normalised, not even case
    [100, 'yes', answers([9, 'Yes'], [1, 'no'])],
    [100, 'two', answers([6, '2'], [4, 'two'])],
    [100, 'a dog', answers([5, 'the dog'], [5, 'dog'])],
  ])('official: %d for %j', (score, prediction, people) => {
    expect(vqaAccuracy(prediction, people)).toBeCloseTo(score, 10);
  });

  it('legacy always normalises the prediction, and only punctuation of the answers', () => {
    const legacy = { protocol: 'legacy' } as const;
    expect(vqaAccuracy('Yes', answers([10, 'Yes']), legacy)).toBe(0);
    expect(vqaAccuracy('Yes', answers([10, 'yes']), legacy)).toBe(100);
    expect(vqaAccuracy('yes', answers([9, 'Yes'], [1, 'no']), legacy)).toBe(0);
    expect(vqaAccuracy(' Two.', answers([6, '2.'], [4, 'two']), legacy)).toBe(100);
    expect(vqaAccuracy(' Two.', answers([10, '2.']), legacy)).toBe(0);
  });

  it('takes a lone answer for ten equal ones', () => {
    expect(vqaAccuracy('cat', ['cat'])).toBe(100);
    expect(vqaAccuracy('dog', ['cat'])).toBe(0);
    expect(vqaAccuracy('Cat', ['cat'])).toBe(0);
    expect(vqaAccuracy('The cat.', ['cat'], { normalizeUnanimous: true })).toBe(100);
    expect(() => vqaAccuracy('cat', ['cat'], { singleAnswer: 'reject' })).toThrow(
      '[vqaAccuracy] got 1 answer;',
    );
  });

  it('depends on the number of matches alone: n matches of 10 give min(1, ...) averaged', () => {
    const words = fc.array(fc.constantFrom('red', 'blue', 'green'), { minLength: 10, maxLength: 10 });
    fc.assert(
      fc.property(words, fc.constantFrom('red', 'blue'), (people, prediction) => {
        const n = people.filter((word) => word === prediction).length;
        expect(vqaAccuracy(prediction, people)).toBeCloseTo(Math.min(n * 30, 100), 9);
        expect(vqaAccuracy(prediction, people.toReversed())).toBeCloseTo(vqaAccuracy(prediction, people), 9);
      }),
    );
  });

  it('refuses bad input', () => {
    expect(() => vqaAccuracy('a', [])).toThrow(
      '[vqaAccuracy] answers is an array of 0; pass the human answers',
    );
    expect(() => vqaAccuracy(2 as unknown as string, ['2'])).toThrow('[vqaAccuracy] prediction is number 2;');
  });
});
