import { type ColourName, colourNames } from './colours.js';
import { type Concept, concepts } from './concepts.js';
import { hashText } from './random.js';

/** One in ten pairs is kept from training. */
const oneIn = 10;

/**
 * Place of each concept when those of `demo` come first, then the rest of `harder`, then the rest of `all`, each group in
 * the order of `hashText(salt + label)`. So every tenth place is a tenth of each set, chosen blindly.
 */
function placesBy(salt: string): Map<number, number> {
  const rank = (concept: Concept) => hashText(`${salt}${concept.label}`);
  const ids: number[] = [];
  for (const set of ['demo', 'harder', 'all'] as const) {
    const group = concepts(set).filter(({ id }) => !ids.includes(id));
    ids.push(...group.sort((one, other) => rank(one) - rank(other)).map(({ id }) => id));
  }
  return new Map(ids.map((id, place) => [id, place]));
}

const places = new Map<string, Map<number, number>>();

/**
 * Whether a thing is among the tenth of things that lack the `index`-th value of a property in training: its place by
 * `hashText(salt + label)`, modulo 10, is `index`. So a thing lacks at most one of ten values.
 *
 * @param salt names the property, such as "count ".
 */
export function isPlaceHeldOut(salt: string, concept: Concept, index: number): boolean {
  let placesOfSalt = places.get(salt);
  if (placesOfSalt === undefined) {
    placesOfSalt = placesBy(salt);
    places.set(salt, placesOfSalt);
  }
  return placesOfSalt.get(concept.id)! % oneIn === index;
}

/**
 * Whether training never shows this many of this thing: its place by `hashText("count " + label)`, modulo 10, is
 * `count - 1`. So each count is held out for every tenth thing, and a thing lacks at most one count.
 */
export function isCountHeldOut(concept: Concept, count: number): boolean {
  return isPlaceHeldOut('count ', concept, count - 1);
}

/**
 * Whether training never shows this thing on this background: its place by `hashText("background " + label)`, modulo
 * 10, is the colour's place in `colourNames`. So each background is held out for every tenth thing, and a thing lacks at
 * most one.
 */
export function isBackgroundHeldOut(concept: Concept, background: ColourName): boolean {
  return isPlaceHeldOut('background ', concept, colourNames.indexOf(background));
}

/**
 * Whether a combination is kept from training, validation and the unseen artist, and makes up `unseen-pair`: its
 * (object, background) or its (object, count) is held out. 19 in 100 combinations are.
 */
export function isHeldOut(concept: Concept, count: number, background: ColourName): boolean {
  return isBackgroundHeldOut(concept, background) || isCountHeldOut(concept, count);
}
