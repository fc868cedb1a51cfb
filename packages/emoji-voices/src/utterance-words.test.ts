import { conceptByLabel, concepts } from '@ocelli/emoji-scenes';
import { describe, expect, it } from 'vitest';
import { isRepetitionHeldOut, isUtteranceHeldOut, repetitions, speakers } from './utterance.js';
import { utteranceCaptionsOf, utteranceQuestionsOf } from './utterance-words.js';

const facts = { concept: conceptByLabel('octopus'), speaker: 'a woman', repetition: 'twice' } as const;

describe('words about recordings', () => {
  it('say who says what how often', () => {
    expect(utteranceCaptionsOf(facts)).toEqual([
      'a woman says octopus twice',
      'a woman says the words octopus twice',
      'a recording of a woman who says octopus twice',
      'a woman can be heard saying octopus twice',
      'octopus is said twice by a woman',
    ]);
  });

  it('answer five questions', () => {
    const list = concepts('demo');
    const questions = utteranceQuestionsOf('x', facts, list);
    expect(questions.map(({ type, answers }) => [type, answers[0]]).slice(0, 4)).toEqual([
      ['object', 'octopus'],
      ['speaker', 'a woman'],
      ['repetition', 'twice'],
      ['kind', 'animal'],
    ]);
    const asked = Array.from({ length: 400 }, (_, i) => utteranceQuestionsOf(`${i}`, facts, list)[4]!);
    for (const { question, answers } of asked)
      expect(answers[0]).toBe(question === 'is octopus said?' ? 'yes' : 'no');
    // Four standard deviations of 400 fair coins.
    expect(Math.abs(asked.filter(({ answers }) => answers[0] === 'yes').length - 200)).toBeLessThan(40);
  });
});

describe('recordings held out', () => {
  it('leave every thing most of its combinations', () => {
    let heldOut = 0;
    for (const concept of concepts('demo')) {
      const all = speakers.flatMap((speaker) =>
        repetitions.map((repetition) => isUtteranceHeldOut({ concept, speaker, repetition })),
      );
      const lacking = all.filter(Boolean).length;
      expect(lacking).toBeLessThanOrEqual(4);
      heldOut += lacking / all.length / 64;
    }
    expect(heldOut).toBeGreaterThan(0.1);
    expect(heldOut).toBeLessThan(0.3);
  });

  it('hold each number of times out for a tenth of the things', () => {
    for (const repetition of repetitions) {
      const lacking = concepts('demo').filter((concept) => isRepetitionHeldOut(concept, repetition)).length;
      expect(lacking).toBeGreaterThanOrEqual(6);
      expect(lacking).toBeLessThanOrEqual(7);
    }
  });
});
