import {
  type ColourName,
  colourNames,
  colours,
  hashText,
  isHeldOut,
  numberWords,
  type Random,
  type Scene,
} from '@ocelli/emoji-scenes';
import type { Thing } from './things.js';

/** A scene of things that need not be drawn: what is there, how many, on which background. */
export interface WrittenScene extends Scene {
  readonly concept: Thing;
}

/** What a context tells of a scene. */
export interface Facts {
  /** E.g. "the background is blue. three. fruit, ripe, diet". */
  readonly text: string;
  readonly object: boolean;
  readonly count: boolean;
  readonly colour: boolean;
}

/** A scene of one thing; pictures are not drawn from it, so its copies have no places. */
export function writtenScene(concept: Thing, count: Scene['count'], name: ColourName): WrittenScene {
  return { artist: 'noto', concept, count, background: { name, rgb: colours[name] }, copies: [] };
}

/**
 * Whether no text may show this combination: it is held out from the pictures too (so that `unseen-pair` is new to the
 * language model as well), or, of a thing that is never drawn, it is one in ten.
 */
export function isHeldOutScene({ concept, count, background }: WrittenScene): boolean {
  const isDrawn = Object.keys(concept.names).length > 0;
  if (isDrawn) return isHeldOut(concept, count, background.name);
  return hashText(`${concept.label}/${count}/${background.name}`) % 10 === 0;
}

/** Number and background uniform, as in the emoji scenes. */
export function randomScene(concept: Thing, random: Random): WrittenScene {
  return writtenScene(concept, (1 + random.below(4)) as Scene['count'], random.pick(colourNames));
}

/** How often a fact is left out. */
const missing = 0.07;
/** How often something is said that no question asks for. */
const irrelevant = 0.2;

const irrelevances = [
  'it is old',
  'it is new',
  'it is far away',
  'very small',
  'very large',
  'somebody drew it',
  'seen in the morning',
  'seen at night',
  'nobody is near',
  'a quiet day',
] as const;

function tagsOf(thing: Thing, random: Random): string {
  const tags = [...thing.tags];
  const chosen = Array.from(
    { length: Math.min(tags.length, 2 + random.below(3)) },
    () => tags.splice(random.below(tags.length), 1)[0]!,
  );
  if (random.next() < 0.3) chosen.splice(random.below(chosen.length + 1), 0, thing.label);
  return chosen.join(', ');
}

/** The thing by its label, by keywords and synonyms, or by what it is. */
function describe(thing: Thing, random: Random): string {
  const way = random.next();
  if (way < 0.1 && thing.tags.length >= 2) return tagsOf(thing, random);
  if (way < 0.2 && thing.gloss !== undefined) return thing.gloss;
  return random.pick([thing.label, thing.label, thing.plural, `${thing.article} ${thing.label}`]);
}

function countFact(count: number, random: Random): string {
  const word = numberWords[count - 1]!;
  return random.pick([
    word,
    word,
    String(count),
    `${word} of them`,
    `${count === 1 ? 'there is' : 'there are'} ${word}`,
  ]);
}

function colourFact(name: ColourName, random: Random): string {
  return random.pick([name, name, `${name} background`, `the background is ${name}`]);
}

/**
 * What is known of a scene, as a bag of facts in words: the thing by its label, keywords or gloss, the number, the
 * colour; in any order, now and then with one missing or with one that is beside the point.
 */
export function tellFacts(scene: WrittenScene, random: Random): Facts {
  const { concept, count, background } = scene;
  const [object, hasCount, colour] = [
    random.next() >= missing,
    random.next() >= missing,
    random.next() >= missing,
  ];
  const facts: string[] = [];
  if (object && hasCount && random.next() < 0.1) {
    facts.push(
      count === 1 ? `${concept.article} ${concept.label}` : `${numberWords[count - 1]} ${concept.plural}`,
    );
  } else {
    if (object) facts.push(describe(concept, random));
    if (hasCount) facts.push(countFact(count, random));
  }
  if (colour) facts.push(colourFact(background.name, random));
  if (random.next() < irrelevant) facts.push(random.pick(irrelevances));
  const shuffled: string[] = [];
  while (facts.length > 0) shuffled.push(facts.splice(random.below(facts.length), 1)[0]!);
  return { text: shuffled.join('. '), object, count: hasCount, colour };
}

/** The three facts of a scene in their plainest words, for measuring: "red apple. three. blue". */
export function plainFacts({ concept, count, background }: WrittenScene): string {
  return `${concept.label}. ${numberWords[count - 1]}. ${background.name}`;
}
