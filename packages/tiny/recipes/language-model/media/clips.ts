import {
  clipCaptionsOf,
  clipQuestionsOf,
  colourNames,
  isClipHeldOut,
  type Motion,
  motions,
} from '@ocelli/emoji-scenes';
import type { Fact, Medium } from './medium.js';
import { backgroundFact } from './pictures.js';

const waysToSay: Readonly<Record<Motion, readonly string[]>> = {
  'moves left': ['moving left', 'to the left', 'it goes left'],
  'moves right': ['moving right', 'to the right', 'it goes right'],
  'moves up': ['moving up', 'upwards', 'it rises'],
  'moves down': ['moving down', 'downwards', 'it falls'],
  'turns left': ['turning left', 'it rotates left', 'anticlockwise'],
  'turns right': ['turning right', 'it rotates right', 'clockwise'],
  grows: ['growing', 'it gets larger', 'larger and larger'],
  shrinks: ['shrinking', 'it gets smaller', 'smaller and smaller'],
  shakes: ['shaking', 'it trembles', 'back and forth'],
  'stays still': ['staying still', 'it does not move', 'nothing moves'],
};

function motionFact(motion: Motion): Fact {
  return { name: 'motion', plain: motion, ways: [motion, motion, ...waysToSay[motion]] };
}

/** Clips of `emojiClips`: a thing, what it does, on which background. */
export const clips: Medium = {
  name: 'clip',
  questionTypes: ['object', 'motion', 'colour', 'kind', 'presence'],
  values: [motions.length, colourNames.length],
  show(thing, chosen) {
    const motion = motions[chosen[0]!]!;
    const clip = { concept: thing, motion, background: { name: colourNames[chosen[1]!]! } };
    return {
      medium: clips,
      thing,
      chosen,
      facts: [motionFact(motion), backgroundFact(chosen[1]!)],
      captions: clipCaptionsOf(clip),
      questions: (id, things) => clipQuestionsOf(id, clip, things),
    };
  },
  isHeldOut: (thing, chosen) => isClipHeldOut(thing, motions[chosen[0]!]!, colourNames[chosen[1]!]!),
};
