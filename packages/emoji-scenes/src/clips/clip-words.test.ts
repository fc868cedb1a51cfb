import { describe, expect, it } from 'vitest';
import { colourNames } from '../colours.js';
import { conceptByLabel, concepts } from '../concepts.js';
import { clipCaptionsOf, clipQuestionsOf } from './clip-words.js';
import { isClipHeldOut, isMotionHeldOut } from './held-out-clips.js';
import { motions } from './motions.js';

const facts = {
  concept: conceptByLabel('octopus'),
  motion: 'moves left',
  background: { name: 'orange' },
} as const;

describe('words about clips', () => {
  it('say what is there and what it does', () => {
    expect(clipCaptionsOf(facts)).toEqual([
      'an octopus moves left on an orange background',
      'there is an octopus that moves left on an orange background',
      'a video of an octopus that moves left on an orange background',
      'an octopus moves left in front of an orange background',
      'on an orange background an octopus moves left',
    ]);
  });

  it('answer five questions', () => {
    const list = concepts('demo');
    const questions = clipQuestionsOf('x', facts, list);
    expect(questions.map(({ type, answers }) => [type, answers[0]]).slice(0, 4)).toEqual([
      ['object', 'octopus'],
      ['motion', 'moves left'],
      ['colour', 'orange'],
      ['kind', 'animal'],
    ]);
    const yes = Array.from({ length: 400 }, (_, i) => clipQuestionsOf(`${i}`, facts, list)[4]!);
    for (const { question, answers } of yes)
      expect(answers[0]).toBe(question === 'is there an octopus?' ? 'yes' : 'no');
    // Four standard deviations of 400 fair coins.
    expect(Math.abs(yes.filter(({ answers }) => answers[0] === 'yes').length - 200)).toBeLessThan(40);
  });
});

describe('clips held out', () => {
  it('lack one motion of each thing, and each motion of a tenth of the things', () => {
    for (const concept of concepts('demo')) {
      expect(motions.filter((motion) => isMotionHeldOut(concept, motion))).toHaveLength(1);
    }
    for (const motion of motions) {
      const lacking = concepts('demo').filter((concept) => isMotionHeldOut(concept, motion)).length;
      expect(lacking).toBeGreaterThanOrEqual(6);
      expect(lacking).toBeLessThanOrEqual(7);
    }
  });

  it('are between a tenth and a fifth of all', () => {
    const all = concepts('demo').flatMap((concept) =>
      motions.flatMap((motion) => colourNames.map((colour) => isClipHeldOut(concept, motion, colour))),
    );
    const share = all.filter(Boolean).length / all.length;
    expect(share).toBeGreaterThan(0.1);
    expect(share).toBeLessThan(0.2);
  });
});
