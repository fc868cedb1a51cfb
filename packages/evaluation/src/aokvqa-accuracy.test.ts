import { describe, expect, it } from 'vitest';
import { type AokvqaSample, aokvqaAccuracy } from './aokvqa-accuracy.js';

const people = (...counted: (readonly [number, string])[]) =>
  counted.flatMap(([times, answer]) => new Array<string>(times).fill(answer));
const base = {
  choices: ['taxi', 'bus', 'train', 'plane'],
  correctChoice: 1,
  directAnswers: people([2, 'bus'], [5, 'cab'], [3, 'taxi']),
};

describe('aokvqaAccuracy', () => {
  it('scores choices, and free answers by how many people gave them', () => {
    const result = aokvqaAccuracy([
      { ...base, id: '1', multipleChoice: 'bus', directAnswer: 'bus' },
      { ...base, id: '2', multipleChoice: 'A', directAnswer: 'cab' },
      { ...base, id: '3', multipleChoice: 'The answer is B.', directAnswer: 'Bus' },
      { ...base, id: '4', multipleChoice: 'both', directAnswer: 'cab', difficultDirectAnswer: true },
    ]);
    expect(result.perSample.map((one) => one.multipleChoice)).toEqual([1, 0, 1, 0]);
    expect(result.perSample.map((one) => one.directAnswer)).toEqual([2 / 3, 1, 0, null]);
    expect(result.multipleChoice).toBe(0.5);
    expect(result.directAnswer).toBeCloseTo((2 / 3 + 1) / 3, 14);
  });

  it('leaves a setting that nobody was asked in open', () => {
    expect(aokvqaAccuracy([{ ...base, id: '1', multipleChoice: 'bus' }]).directAnswer).toBeNull();
    expect(aokvqaAccuracy([{ ...base, id: '1', directAnswer: 'bus' }]).multipleChoice).toBeNull();
  });

  it('refuses bad input', () => {
    const refuse = (change: Partial<AokvqaSample>, message: string) =>
      expect(() => aokvqaAccuracy([{ ...base, id: 'q', multipleChoice: 'A', ...change }])).toThrow(message);
    expect(() => aokvqaAccuracy([])).toThrow('[aokvqaAccuracy] got 0 samples;');
    refuse({ correctChoice: 4 }, 'correctChoice of sample "q" is 4 of 4 choices; pass an index from 0');
    refuse({ choices: [] }, 'choices of sample "q" is an array of 0;');
    refuse({ directAnswer: 'x', directAnswers: [] }, 'directAnswers of sample "q" is an array of 0;');
  });
});
