import { concepts } from '@ocelli/emoji-scenes';
import { emojiVoices, repetitions, speakers, type VoiceSplit } from '@ocelli/emoji-voices';
import type { DemoModality, DemoSample } from '../modality.js';
import { commonCredits } from './credits.js';
import { placesOf } from './places.js';

/** Names of things, spoken: what is said, by whom, how often. */
export const audioDemo: DemoModality = {
  name: 'audio',
  encoder: 'tiny-audio',
  heldOutSplits: ['unseen-voice', 'unseen-pair', 'validation'],
  settings: ['trainSamples=5000'],
  hasStills: false,
  facts: (set) => ({
    object: concepts(set).length,
    speaker: speakers.length,
    repetition: repetitions.length,
  }),
  async samples({ split, concepts: set, size }) {
    const places = placesOf(set);
    const samples: DemoSample[] = [];
    for await (const { id, media, text, utterance } of emojiVoices({
      split: split as VoiceSplit,
      concepts: set,
      size,
    })) {
      samples.push({
        id,
        media,
        text,
        label: utterance.concept.label,
        facts: {
          object: places.get(utterance.concept.id)!,
          speaker: speakers.indexOf(utterance.speaker),
          repetition: repetitions.indexOf(utterance.repetition),
        },
        author: `voice ${utterance.voice.name}`,
        show: () => media.audio.render(),
      });
    }
    return samples;
  },
  words: {
    title: 'Ocelli: first words',
    subtitle: 'A frozen language model hears voices through a few trained numbers',
    sample: 'recording',
    unseen: 'Recordings never heard',
    splits: [
      {
        name: 'unseen-voice',
        label: 'Unseen voices',
        description: 'A family of voices that no backbone, no adapter and no choice of settings ever heard.',
      },
      {
        name: 'unseen-pair',
        label: 'Unseen pairs',
        description:
          'Known voices, but combinations of object and speaker or number of times that training never has.',
      },
      {
        name: 'validation',
        label: 'Validation voices',
        description: 'Four voices, on which settings were chosen.',
      },
    ],
    questions: {
      object: 'What is said?',
      speaker: 'Who speaks?',
      repetition: 'How often is it said?',
      kind: 'What kind of thing is it?',
      presence: 'Is ... said?',
    },
    credits: [
      {
        name: 'eSpeak NG',
        author: 'its contributors',
        licence: 'GPL-3.0-or-later (the synthesiser; what it says is free)',
        url: 'https://github.com/espeak-ng/espeak-ng',
      },
      ...commonCredits,
    ],
  },
};
