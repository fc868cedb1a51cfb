import { describe, expect, it } from 'vitest';
import { evaluateAnswers } from './evaluate-answers.js';

const ten = (answer: string, other: string, times: number) =>
  Array.from({ length: 10 }, (_, i) => (i < times ? answer : other));

describe('evaluateAnswers', () => {
  it('averages over samples and by question type', () => {
    const scores = evaluateAnswers([
      { id: '1', answers: ten('cat', 'dog', 3), prediction: 'cat', questionType: 'what' },
      { id: '2', answers: ten('cat', 'dog', 1), prediction: 'Cat.', questionType: 'what' },
      { id: '3', answers: ten('2', 'two', 6), prediction: 'two', questionType: 'how many' },
      { id: '4', answers: ten('yes', 'no', 5), prediction: 'maybe' },
    ]);
    expect(scores.count).toBe(4);
    expect(scores.vqaAccuracy).toBeCloseTo((90 + 30 + 100 + 0) / 4, 10);
    expect(scores.exactMatch).toBe(0.75);
    expect(Object.keys(scores.perQuestionType)).toEqual(['what', 'how many']);
    expect(scores.perQuestionType.what!.vqaAccuracy).toBeCloseTo(60, 10);
    expect(scores.perQuestionType.what!.count).toBe(2);
    expect(scores.perQuestionType['how many']!.vqaAccuracy).toBeCloseTo(100, 10);
    expect(scores.perSample.map(({ id }) => id)).toEqual(['1', '2', '3', '4']);
  });

  it('averages by answer type, too', () => {
    const { perAnswerType, perQuestionType } = evaluateAnswers([
      { id: '1', answers: ten('yes', 'no', 9), prediction: 'yes', questionType: 'is', answerType: 'yes/no' },
      { id: '2', answers: ten('2', '3', 1), prediction: '2', questionType: 'how many', answerType: 'number' },
      {
        id: '3',
        answers: ten('3', '2', 5),
        prediction: 'no',
        questionType: 'how many',
        answerType: 'number',
      },
    ]);
    expect(perAnswerType['yes/no']!.vqaAccuracy).toBeCloseTo(100, 10);
    expect(perAnswerType.number!.vqaAccuracy).toBeCloseTo(15, 10);
    expect(perAnswerType.number!.count).toBe(2);
    expect(Object.keys(perQuestionType)).toEqual(['is', 'how many']);
  });

  it('gives intervals when asked', () => {
    const samples = Array.from({ length: 400 }, (_, i) => ({
      id: `${i}`,
      answers: ['a'],
      prediction: i % 2 ? 'a' : 'b',
    }));
    const { intervals } = evaluateAnswers(samples, { intervals: { resamples: 500 } });
    expect(intervals!.vqaAccuracy.score).toBe(50);
    // standard error of the mean: 100 * 0.5 / sqrt(400) = 2.5
    expect(Math.abs((intervals!.vqaAccuracy.high - 50) / 2.5 - 1.96)).toBeLessThan(0.4);
    expect(intervals!.exactMatch.low).toBeCloseTo(intervals!.vqaAccuracy.low / 100, 12);
    expect(evaluateAnswers(samples).intervals).toBeUndefined();
  });

  it('hands its options on', () => {
    const samples = [{ id: '1', answers: ['cat'], prediction: 'A cat' }];
    expect(evaluateAnswers(samples).vqaAccuracy).toBe(0);
    expect(evaluateAnswers(samples, { normalizeUnanimous: true }).vqaAccuracy).toBe(100);
    expect(() => evaluateAnswers(samples, { singleAnswer: 'reject' })).toThrow('sample "1" has 1 answer;');
  });

  it('refuses bad input', () => {
    const good = { id: 'q', answers: ['a'], prediction: 'a' };
    expect(() => evaluateAnswers([])).toThrow('[evaluateAnswers] got 0 samples;');
    expect(() => evaluateAnswers([good, good])).toThrow('id "q" stands at samples[0] and samples[1];');
    expect(() => evaluateAnswers([{ ...good, answers: [] }])).toThrow(
      'answers of sample "q" is an array of 0;',
    );
    expect(() => evaluateAnswers([{ ...good, prediction: 1 as unknown as string }])).toThrow(
      'prediction of sample "q" is number 1;',
    );
  });
});
