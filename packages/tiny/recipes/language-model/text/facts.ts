import type { Random } from '@ocelli/emoji-scenes';
import type { Shown } from '../media/medium.js';
import type { Thing } from './things.js';

/** What a context tells. */
export interface Facts {
  /** E.g. "the background is blue. three. fruit, ripe, diet". */
  readonly text: string;
  /** Names of the facts told: "object", "colour". */
  readonly told: ReadonlySet<string>;
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
  'somebody made it',
  'in the morning',
  'at night',
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

/**
 * What is known of a picture, clip or recording, as a bag of facts in words: the thing by its label, keywords or gloss,
 * and the facts beside it; in any order, now and then with one missing or with one that is beside the point.
 */
export function tellFacts({ thing, facts, phrase }: Shown, random: Random): Facts {
  const kept = facts.filter(() => random.next() >= missing);
  const hasThing = random.next() >= missing;
  const inOnePhrase = hasThing && phrase !== undefined && kept.includes(facts[0]!) && random.next() < 0.1;
  const said = [
    ...(inOnePhrase ? [phrase] : hasThing ? [describe(thing, random)] : []),
    ...kept.filter((fact) => !inOnePhrase || fact !== facts[0]).map(({ ways }) => random.pick(ways)),
  ];
  if (random.next() < irrelevant) said.push(random.pick(irrelevances));
  const shuffled: string[] = [];
  while (said.length > 0) shuffled.push(said.splice(random.below(said.length), 1)[0]!);
  return {
    text: shuffled.join('. '),
    told: new Set([...(hasThing ? ['object'] : []), ...kept.map(({ name }) => name)]),
  };
}
