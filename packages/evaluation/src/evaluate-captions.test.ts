import { describe, expect, it } from 'vitest';
import { THREE_IMAGES } from '../test/corpora.js';
import { generateCaptions } from '../test/generate-captions.js';
import { installStandIns } from '../test/stand-ins/index.js';
import { type CaptionSample, evaluateCaptions, tokenizeCaptionSamples } from './evaluate-captions.js';
import { meteorFromJar } from './meteor/meteor-jar.js';
import { spiceFromJar } from './spice/spice-jar.js';

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
    expect(scores.meteor).toBeCloseTo(0.4335475, 7);
    expect(scores.meteorName).toBe('METEOR without paraphrases and synonyms');
    expect(scores.exactMatch).toBe(0);
    expect(scores.spice).toBeUndefined();
  });

  it("takes the scores of the user's jars, and names them", async () => {
    const { java, meteorJar, spiceJar } = installStandIns();
    const tokens = tokenizeCaptionSamples(THREE_IMAGES);
    const meteor = await meteorFromJar(tokens, { jar: meteorJar, java });
    const spice = await spiceFromJar(tokens, { jar: spiceJar, java });
    const scores = evaluateCaptions(THREE_IMAGES, { meteor, spice, intervals: { resamples: 100 } });
    expect(scores.meteorName).toBe('METEOR 1.5');
    expect(scores.meteor).toBe(meteor.meteor);
    expect(scores.spice).toBe(spice.spice);
    expect(scores.spider).toBeCloseTo((scores.cider + spice.spice) / 2, 12);
    expect(scores.perSample[1]!.spider).toBeCloseTo((2.63092502 + spice.perSample[1]!) / 2, 7);
    expect(scores.intervals!.spider!.score).toBeCloseTo(scores.spider!, 12);
    expect(() => evaluateCaptions(THREE_IMAGES.slice(1), { spice })).toThrow(
      'spice has 3 samples, the captions 2; score the same samples',
    );
    expect(() => evaluateCaptions(THREE_IMAGES.slice(1), { meteor })).toThrow('meteor has 3 samples');
  });

  it('gives the interval of every score', () => {
    const samples = generateCaptions(100);
    const { intervals, ...scores } = evaluateCaptions(samples, { intervals: { resamples: 200, seed: 3 } });
    expect(Object.keys(intervals!)).toEqual([
      'bleu1',
      'bleu2',
      'bleu3',
      'bleu4',
      'rougeL',
      'cider',
      'meteor',
      'exactMatch',
    ]);
    for (const [name, { score, low, high }] of Object.entries(intervals!)) {
      expect(score, name).toBeCloseTo(scores[name as 'cider'], 10);
      expect(low, name).toBeLessThanOrEqual(score);
      expect(high, name).toBeGreaterThanOrEqual(score);
    }
    const { low, high, score } = intervals!.cider!;
    const deviation = Math.sqrt(
      scores.perSample.reduce((sum, { cider }) => sum + (cider - score) ** 2, 0) / samples.length ** 2,
    );
    expect(Math.abs((high - low) / (2 * 1.96 * deviation) - 1)).toBeLessThan(0.25);
    expect(evaluateCaptions(samples).intervals).toBeUndefined();
  });

  it('depends on no order of the images', () => {
    const samples = generateCaptions(60);
    const { perSample: _, ...scores } = evaluateCaptions(samples);
    const { perSample: __, ...turned } = evaluateCaptions(samples.toReversed());
    for (const [name, value] of Object.entries(scores)) {
      const other = turned[name as keyof typeof turned];
      if (typeof value === 'number') expect(other, name).toBeCloseTo(value, 12);
      else expect(other, name).toBe(value);
    }
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
