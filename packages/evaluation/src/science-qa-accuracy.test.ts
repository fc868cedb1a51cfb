import { describe, expect, it } from 'vitest';
import { type ScienceQaSample, scienceQaAccuracy } from './science-qa-accuracy.js';

const base: ScienceQaSample = {
  id: '0',
  choices: ['acid', 'base'],
  answer: 1,
  prediction: 'The answer is B.',
  subject: 'natural science',
  hint: '',
  hasImage: false,
  grade: 'grade6',
};

describe('scienceQaAccuracy', () => {
  it('splits by subject, context and grade, like the tables', () => {
    const { accuracy, perSplit, unreadable, perSample } = scienceQaAccuracy([
      base,
      { ...base, id: '1', hint: 'Look.', hasImage: true, grade: 'grade7', prediction: 'A' },
      { ...base, id: '2', subject: 'language science', hint: 'Read.', grade: 'grade12' },
      {
        ...base,
        id: '3',
        subject: 'social science',
        hasImage: true,
        grade: 'grade1',
        prediction: 'hard to say',
      },
    ]);
    expect(perSample).toEqual([1, 0, 1, 0]);
    expect(accuracy).toBe(0.5);
    expect(unreadable).toBe(1);
    expect(perSplit).toEqual({
      natural: { accuracy: 0.5, count: 2 },
      social: { accuracy: 0, count: 1 },
      language: { accuracy: 1, count: 1 },
      textContext: { accuracy: 0.5, count: 2 },
      imageContext: { accuracy: 0, count: 2 },
      noContext: { accuracy: 1, count: 1 },
      grades1To6: { accuracy: 0.5, count: 2 },
      grades7To12: { accuracy: 0.5, count: 2 },
    });
    expect(scienceQaAccuracy([base]).perSplit.social).toEqual({ accuracy: null, count: 0 });
  });

  it('refuses bad input', () => {
    expect(() => scienceQaAccuracy([])).toThrow('[scienceQaAccuracy] got 0 samples;');
    expect(() => scienceQaAccuracy([{ ...base, answer: 2 }])).toThrow(
      'answer of sample "0" is 2 of 2 choices;',
    );
    expect(() => scienceQaAccuracy([{ ...base, hint: undefined as unknown as string }])).toThrow(
      'hint of sample "0" is undefined; pass a string',
    );
  });
});
