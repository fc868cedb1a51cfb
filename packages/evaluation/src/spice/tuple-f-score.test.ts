import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { corpus, sample } from '../../test/corpora.js';
import { tokenizeCaption } from '../tokenize-caption.js';
import { sceneTuples } from './scene-tuples.js';
import { tupleFScore } from './tuple-f-score.js';

describe('sceneTuples', () => {
  it.each([
    ['A brown dog sits on a mat.', ['dog', 'dog brown', 'mat', 'dog sit-on mat']],
    ['two men riding big horses', ['men', 'men two', 'hors', 'hors big', 'men ride hors']],
    ['a cat and a dog on the red mat', ['cat', 'dog', 'mat', 'mat red', 'dog on mat']],
    [
      'a woman is holding a white umbrella in the rain',
      ['woman', 'umbrella', 'umbrella white', 'woman hold umbrella', 'rain', 'umbrella in rain'],
    ],
    ['a building', ['build']],
    ['sitting', []],
    ['', []],
  ])('%j', (caption, expected) => {
    expect([...sceneTuples(tokenizeCaption(caption))]).toEqual(expected);
  });
});

describe('tupleFScore', () => {
  it('is the F-score against the tuples of all references', () => {
    const { tupleFScore: score, name } = tupleFScore([
      sample('a brown dog sits on a mat', 'a dog on a mat', 'a brown dog'),
    ]);
    // 4 said; dog, mat, dog on mat, dog brown are true; 3 are both
    expect(score).toBeCloseTo((2 * 3) / (4 + 4), 14);
    expect(name).toBe('tuple F-score (word rules, not SPICE)');
  });

  it('scores identity 1 where something is said, and ignores the order of references', () => {
    fc.assert(
      fc.property(corpus(), (samples) => {
        const own = samples.map(({ references }) => ({
          hypothesis: references[0]!,
          references: [references[0]!],
        }));
        tupleFScore(own).perSample.forEach((score, i) => {
          expect(score).toBe(sceneTuples(own[i]!.hypothesis).size > 0 ? 1 : 0);
        });
        const turned = samples.map((one) => ({ ...one, references: one.references.toReversed() }));
        expect(tupleFScore(turned)).toEqual(tupleFScore(samples));
      }),
    );
  });

  it('refuses bad input', () => {
    expect(() => tupleFScore([])).toThrow('[tupleFScore] got 0 samples;');
  });
});
