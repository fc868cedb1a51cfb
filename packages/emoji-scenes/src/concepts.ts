import { readFileSync } from 'node:fs';
import type { Artist } from './artists.js';

/** What kind of thing a concept is, in a word that answers "what kind of thing is it?". */
export type Kind =
  | 'animal'
  | 'plant'
  | 'food'
  | 'vehicle'
  | 'place'
  | 'sky'
  | 'activity'
  | 'clothing'
  | 'object';

/** Which list of concepts: 64 everyday ones, 170, or every countable noun that five training artists have drawn. */
export type ConceptSet = 'demo' | 'harder' | 'all';

/** One thing that is drawn, with people's words for it. */
export interface Concept {
  /** Class id: its place in `concepts('all')`. */
  readonly id: number;
  /** CLDR label in lower case: "red apple". */
  readonly label: string;
  /** "red apples". */
  readonly plural: string;
  readonly article: 'a' | 'an';
  /** Plain word for its kind: "food". */
  readonly group: Kind;
  /** CLDR subgroup: "food-fruit". */
  readonly subgroup: string;
  /** The name of its drawing in each artist's set; an artist without one is absent. */
  readonly names: Readonly<Partial<Record<Artist, string>>>;
}

interface Row extends Concept {
  readonly sets: readonly ConceptSet[];
}

let table: readonly Row[] | undefined;

/** data/concepts.jsonl lies beside both src/ and dist/; tools/build-concepts.mjs writes it. */
function rows(): readonly Row[] {
  table ??= readFileSync(new URL('../data/concepts.jsonl', import.meta.url), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Row);
  return table;
}

const lists = new Map<ConceptSet, readonly Concept[]>();

/**
 * The concepts of a set, in the order of their ids. Every concept of `demo` (64) and `harder` (170, which contain
 * `demo`) is drawn by all nine artists; one of `all` by at least five of the six training artists.
 */
export function concepts(set: ConceptSet): readonly Concept[] {
  let list = lists.get(set);
  if (list === undefined) {
    list = set === 'all' ? rows() : rows().filter((row) => row.sets.includes(set));
    lists.set(set, list);
  }
  return list;
}

/**
 * The concept with this label.
 * @throws when no concept bears it.
 */
export function conceptByLabel(label: string): Concept {
  const concept = rows().find((row) => row.label === label);
  if (concept === undefined) {
    throw new Error(`[emoji-scenes] no concept is labelled "${label}"; concepts('all') lists them`);
  }
  return concept;
}
