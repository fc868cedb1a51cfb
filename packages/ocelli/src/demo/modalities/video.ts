import { colourNames, concepts, emojiClips, motions, renderClip, type Split } from '@ocelli/emoji-scenes';
import type { DemoModality, DemoSample } from '../modality.js';
import { commonCredits, drawingCredits } from './credits.js';
import { placesOf } from './places.js';

/** Side of the frames in the report. */
const shownSide = 96;

/** Drawings that move: what is there, what it does, on which background. A single frame does not tell what it does. */
export const videoDemo: DemoModality = {
  name: 'video',
  encoder: 'tiny-video',
  heldOutSplits: ['unseen-artist', 'unseen-pair', 'validation'],
  settings: ['trainSamples=4000'],
  hasStills: true,
  facts: (set) => ({ object: concepts(set).length, motion: motions.length, colour: colourNames.length }),
  async samples({ split, concepts: set, size, side, still = false }) {
    const places = placesOf(set);
    const samples: DemoSample[] = [];
    for await (const { id, media, text, clip } of emojiClips({
      split: split as Split,
      concepts: set,
      size,
      imageSize: side,
      still,
    })) {
      samples.push({
        id,
        media,
        text,
        label: clip.concept.label,
        facts: {
          object: places.get(clip.concept.id)!,
          motion: motions.indexOf(clip.motion),
          colour: colourNames.indexOf(clip.background.name),
        },
        author: clip.artist,
        show: () => renderClip(clip, { size: shownSide }),
      });
    }
    return samples;
  },
  words: {
    title: 'Ocelli: drawings that move',
    subtitle: 'A frozen language model sees clips through a few trained numbers',
    sample: 'clip',
    unseen: 'Clips never seen',
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
          'Known artists, but combinations of object and motion or background that training never shows.',
      },
      {
        name: 'validation',
        label: 'Validation artist',
        description: 'Emoji One, on which settings were chosen.',
      },
    ],
    questions: {
      object: 'What is in the video?',
      motion: 'What does it do?',
      colour: 'Which colour is the background?',
      kind: 'What kind of thing is it?',
      presence: 'Is there ...?',
    },
    credits: [...drawingCredits, ...commonCredits],
  },
};
