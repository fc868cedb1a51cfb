import {
  isUtteranceHeldOut,
  type Repetition,
  repetitions,
  type Speaker,
  speakers,
  utteranceCaptionsOf,
  utteranceQuestionsOf,
} from '@ocelli/emoji-voices';
import type { Fact, Medium } from './medium.js';

const speakerWays: Readonly<Record<Speaker, readonly string[]>> = {
  'a man': ['man', 'a male voice', 'he speaks'],
  'a woman': ['woman', 'a female voice', 'she speaks'],
};
const repetitionWays: Readonly<Record<Repetition, readonly string[]>> = {
  once: ['one time', 'said once', 'only once'],
  twice: ['two times', 'said twice', 'twice over'],
  'three times': ['said three times', 'thrice', 'three times over'],
};

function speakerFact(speaker: Speaker): Fact {
  return { name: 'speaker', plain: speaker, ways: [speaker, speaker, ...speakerWays[speaker]] };
}

function repetitionFact(repetition: Repetition): Fact {
  return {
    name: 'repetition',
    plain: repetition,
    ways: [repetition, repetition, ...repetitionWays[repetition]],
  };
}

/** Recordings of `emojiVoices`: a thing's name, who says it, how often. */
export const recordings: Medium = {
  name: 'recording',
  questionTypes: ['object', 'speaker', 'repetition', 'kind', 'presence'],
  values: [speakers.length, repetitions.length],
  show(thing, chosen) {
    const speaker = speakers[chosen[0]!]!;
    const repetition = repetitions[chosen[1]!]!;
    const utterance = { concept: thing, speaker, repetition };
    return {
      medium: recordings,
      thing,
      chosen,
      facts: [speakerFact(speaker), repetitionFact(repetition)],
      captions: utteranceCaptionsOf(utterance),
      questions: (id, things) => utteranceQuestionsOf(id, utterance, things),
    };
  },
  isHeldOut: (thing, chosen) =>
    isUtteranceHeldOut({
      concept: thing,
      speaker: speakers[chosen[0]!]!,
      repetition: repetitions[chosen[1]!]!,
    }),
};
