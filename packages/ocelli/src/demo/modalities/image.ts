import {
  colourNames,
  concepts,
  emojiScenes,
  numberWords,
  renderScene,
  type Split,
} from '@ocelli/emoji-scenes';
import type { DemoModality, DemoSample } from '../modality.js';
import { commonCredits, drawingCredits } from './credits.js';
import { placesOf } from './places.js';

/** Side of the pictures in the report. */
const shownSide = 96;

/** Drawings: what is there, how many, on which background. */
export const imageDemo: DemoModality = {
  name: 'image',
  encoder: 'tiny',
  heldOutSplits: ['unseen-artist', 'unseen-pair', 'validation'],
  settings: [],
  hasStills: false,
  facts: (set) => ({ object: concepts(set).length, count: numberWords.length, colour: colourNames.length }),
  async samples({ split, concepts: set, size, side }) {
    const places = placesOf(set);
    const samples: DemoSample[] = [];
    for await (const { id, media, text, scene } of emojiScenes({
      split: split as Split,
      concepts: set,
      size,
      imageSize: side,
    })) {
      samples.push({
        id,
        media,
        text,
        label: scene.concept.label,
        facts: {
          object: places.get(scene.concept.id)!,
          count: scene.count - 1,
          colour: colourNames.indexOf(scene.background.name),
        },
        author: scene.artist,
        show: () => renderScene(scene, { size: shownSide }),
      });
    }
    return samples;
  },
  words: {
    title: 'Ocelli: first light',
    subtitle: 'A frozen language model sees drawings through a few trained numbers',
    sample: 'picture',
    unseen: 'Pictures never seen',
    splits: [
      {
        name: 'unseen-artist',
        label: 'Unseen artist',
        description:
          "Both of Microsoft's sets: no backbone, no adapter and no choice of settings ever saw them.",
      },
      {
        name: 'unseen-pair',
        label: 'Unseen pairs',
        description:
          'Known artists, but combinations of object and count or background that training never shows.',
      },
      {
        name: 'validation',
        label: 'Validation artist',
        description: 'Emoji One, on which settings were chosen.',
      },
    ],
    questions: {
      object: 'What is in the picture?',
      count: 'How many things are there?',
      colour: 'Which colour is the background?',
      kind: 'What kind of thing is it?',
      presence: 'Is there ...?',
    },
    credits: [...drawingCredits, ...commonCredits],
  },
};
