import { describe, expect, it } from 'vitest';
import { THREE_IMAGES } from '../test/corpora.js';
import { type CaptionSample, evaluateCaptions } from './evaluate-captions.js';

describe('evaluateCaptions', () => {
  it('gives the numbers in the README of bckim92/language-evaluation', () => {
    const scores = evaluateCaptions([
      { id: '1', hypothesis: 'i am a boy', references: ['am i a boy ?'] },
      { id: '2', hypothesis: 'she is a girl', references: ['is she a girl ?'] },
    ]);
    expect(scores.bleu1).toBeCloseTo(0.99999999975, 10);
    expect(scores.bleu2).toBeCloseTo(0.577350269, 9);
    expect(scores.rougeL).toBeCloseTo(0.75, 12);
    expect(scores.cider).toBeCloseTo(10 / 3, 7);
    expect(scores.exactMatch).toBe(0);
  });

  it('gives the digits of pycocoevalcap through the tokenizer', () => {
    const dressed = THREE_IMAGES.map(({ id, references, hypothesis }) => ({
      id,
      references: references.map((text) => `${text[0]!.toUpperCase()}${text.slice(1)}.`),
      hypothesis: `${hypothesis} .`,
    }));
    const scores = evaluateCaptions(dressed);
    expect(scores.bleu4).toBeCloseTo(0.5513506438409822, 12);
    expect(scores.rougeL).toBeCloseTo(0.7621661234701147, 12);
    expect(scores.cider).toBeCloseTo(2.769943116860127, 12);
    expect(scores.count).toBe(3);
    expect(scores.perSample.map(({ id }) => id)).toEqual(['0', '1', '2']);
    expect(scores.perSample[1]!.cider).toBeCloseTo(2.63092502, 7);
  });

  it('counts exact matches', () => {
    const scores = evaluateCaptions([
      { id: 'a', hypothesis: 'a red circle', references: ['A red circle.'] },
      { id: 'b', hypothesis: 'a blue square', references: ['A red circle.'] },
    ]);
    expect(scores.exactMatch).toBe(0.5);
    expect(scores.perSample.map((sample) => sample.exactMatch)).toEqual([1, 0]);
  });

  it('refuses bad input', () => {
    const good: CaptionSample = { id: 'x', hypothesis: 'a', references: ['a'] };
    const bad = (change: Record<string, unknown>) => () =>
      evaluateCaptions([{ ...good, ...change } as CaptionSample]);
    expect(() => evaluateCaptions([])).toThrow('[evaluateCaptions] got 0 samples; pass at least one');
    expect(() => evaluateCaptions([good, good])).toThrow(
      '[evaluateCaptions] id "x" stands at samples[0] and samples[1]; score every id once',
    );
    expect(bad({ references: [] })).toThrow(
      '[evaluateCaptions] references of sample "x" is an array of 0; give',
    );
    expect(bad({ references: undefined })).toThrow('references of sample "x" is undefined;');
    expect(bad({ references: 'a' })).toThrow('references of sample "x" is "a";');
    expect(bad({ references: ['a', 7] })).toThrow('references[1] of sample "x" is number 7; pass a string');
    expect(bad({ hypothesis: null })).toThrow('hypothesis of sample "x" is null; pass a string');
    expect(bad({ id: 5 })).toThrow('samples[0].id is number 5; give every sample a string id');
  });
});
