import type { ColourName } from '../colours.js';
import type { Concept } from '../concepts.js';
import { isBackgroundHeldOut, isPlaceHeldOut } from '../held-out.js';
import { type Motion, motions } from './motions.js';

/**
 * Whether training never shows this thing doing this: by its place for "motion ", so each motion is held out for every
 * tenth thing, and each thing lacks exactly one motion.
 */
export function isMotionHeldOut(concept: Concept, motion: Motion): boolean {
  return isPlaceHeldOut('motion ', concept, motions.indexOf(motion));
}

/**
 * Whether a combination is kept from training, validation and the unseen artist, and makes up `unseen-pair`: its
 * (object, motion) or its (object, background) is held out. A background that is held out in pictures is so in clips.
 */
export function isClipHeldOut(concept: Concept, motion: Motion, background: ColourName): boolean {
  return isMotionHeldOut(concept, motion) || isBackgroundHeldOut(concept, background);
}
