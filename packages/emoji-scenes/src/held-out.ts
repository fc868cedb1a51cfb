import type { ColourName } from './colours.js';
import { hashText } from './random.js';

/** One in ten pairs is kept from training. */
const oneIn = 10;

/** Whether training never shows this thing on this background: `hashText("red apple on blue") % 10 === 0`. */
export function isBackgroundHeldOut(label: string, background: ColourName): boolean {
  return hashText(`${label} on ${background}`) % oneIn === 0;
}

/** Whether training never shows this many of this thing: `hashText("red apple times 3") % 10 === 0`. */
export function isCountHeldOut(label: string, count: number): boolean {
  return hashText(`${label} times ${count}`) % oneIn === 0;
}

/**
 * Whether a combination is kept from training, validation and the unseen artist, and makes up `unseen-pair`: its
 * (object, background) or its (object, count) is held out. About 19 in 100 combinations are.
 */
export function isHeldOut(label: string, count: number, background: ColourName): boolean {
  return isBackgroundHeldOut(label, background) || isCountHeldOut(label, count);
}
