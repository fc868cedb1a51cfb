import { createRequire } from 'node:module';
import { type Concept, colourNames, concepts, type Kind } from '@ocelli/emoji-scenes';
import pluralize from 'pluralize';
import { kindNamer, thingTopics } from './kinds.js';
import { meaningOf, type Synset, type WordNet } from './word-net.js';

/** Something that a sentence can be about, in the form of the scenes' concepts, with other people's words for it. */
export interface Thing extends Concept {
  /** Keywords (CLDR) and synonyms (WordNet) that do not give a colour away. */
  readonly tags: readonly string[];
  /** What it is, in at most `glossWords` words. */
  readonly gloss: string | undefined;
}

/** The things that text is made of, by where their words come from. */
export interface Things {
  /** The countable things of the emoji scenes. */
  readonly scenes: readonly Thing[];
  /** Those of them that are in the scenes' set `harder`, which every artist has drawn. */
  readonly everyday: readonly Thing[];
  /** Other labels of CLDR, of at most two words, no plurals and no times of day. */
  readonly labels: readonly Thing[];
  /** Concrete nouns of WordNet that its own glosses use. */
  readonly nouns: readonly Thing[];
}

interface Emoji {
  label: string;
  tags?: string[];
  group?: number;
  subgroup?: number;
}

/** Words of a gloss that a description may have. */
const glossWords = 12;
/** A noun is usual enough when it or its plural stands in this many glosses. */
const usualUses = 4;

const plainWords = /^[a-z]+([ -][a-z]+)?$/;
const require = createRequire(import.meta.url);

function shortGloss(synset: Synset | undefined): string | undefined {
  const [first = ''] = synset?.gloss.split(';') ?? [];
  const gloss = first.replace(/\([^)]*\)\s*/g, '').trim();
  return gloss !== '' && gloss.split(' ').length <= glossWords ? gloss.toLowerCase() : undefined;
}

type Words = Pick<Thing, 'tags' | 'gloss'>;

function thing(id: number, label: string, group: Kind, subgroup: string, words: Words): Thing {
  return {
    id,
    label,
    plural: pluralize.plural(label),
    article: /^[aeiou]/.test(label) ? 'an' : 'a',
    group,
    subgroup,
    names: {},
    ...words,
  };
}

/** Tags other than the label itself, and none that names a colour: a fact about the background must not be guessed. */
function usefulTags(label: string, tags: readonly string[]): string[] {
  const colours: readonly string[] = colourNames;
  return tags.filter((tag) => tag !== label && /^[a-z -]+$/.test(tag) && !colours.includes(tag));
}

/** The kind that most of a subgroup's concepts are. */
function kindsOfSubgroups(list: readonly Concept[]): Map<string, Kind> {
  const counts = new Map<string, number>();
  const best = new Map<string, Kind>();
  for (const { subgroup, group } of list) {
    const count = (counts.get(`${subgroup} ${group}`) ?? 0) + 1;
    counts.set(`${subgroup} ${group}`, count);
    if (count > (counts.get(`${subgroup} ${best.get(subgroup)}`) ?? 0) || !best.has(subgroup))
      best.set(subgroup, group);
  }
  return best;
}

/** Collects things from CLDR (by `emojibase-data`) and WordNet. */
export function collectThings(wordNet: WordNet): Things {
  const emoji = require('emojibase-data/en/data.json') as Emoji[];
  const { subgroups } = require('emojibase-data/meta/groups.json') as { subgroups: Record<string, string> };
  const nameKind = kindNamer(wordNet);
  const described = (label: string, tags: readonly string[]): Words => {
    const meaning = meaningOf(wordNet, label, thingTopics);
    const words = meaning?.words.filter((word) => word === word.toLowerCase()) ?? [];
    return { tags: usefulTags(label, [...new Set([...tags, ...words])]), gloss: shortGloss(meaning) };
  };

  const tagsOf = new Map(emoji.map((one) => [one.label.toLowerCase().replaceAll('’', "'"), one.tags ?? []]));
  const scenes = concepts('all').map((concept) => ({
    ...concept,
    ...described(concept.label, tagsOf.get(concept.label) ?? []),
  }));
  const taken = new Set(scenes.map(({ label }) => label));

  const kindOf = kindsOfSubgroups(scenes);
  const labels: Thing[] = [];
  for (const one of emoji) {
    const label = one.label.toLowerCase();
    const subgroup = subgroups[String(one.subgroup)] ?? '';
    const kind = kindOf.get(subgroup);
    const isCountable = subgroup !== 'time' && pluralize.singular(label) === label;
    if (kind === undefined || !isCountable || taken.has(label) || !plainWords.test(label)) continue;
    taken.add(label);
    labels.push(
      thing(scenes.length + labels.length, label, kind, subgroup, described(label, one.tags ?? [])),
    );
  }

  const uses = new Map<string, number>();
  for (const { gloss } of wordNet.synsets.values()) {
    for (const word of gloss.toLowerCase().match(/[a-z]+/g) ?? []) uses.set(word, (uses.get(word) ?? 0) + 1);
  }
  const nouns: Thing[] = [];
  for (const [word, keys] of wordNet.senses) {
    const synset = wordNet.synsets.get(keys[0]!)!;
    const usual = (uses.get(word) ?? 0) + (uses.get(`${word}s`) ?? 0) >= usualUses;
    const isName = !synset.words.includes(word);
    if (!usual || isName || word.length < 3 || taken.has(word) || !/^[a-z]+$/.test(word)) continue;
    if (!thingTopics.has(synset.topic) || pluralize.singular(word) !== word) continue;
    taken.add(word);
    const id = scenes.length + labels.length + nouns.length;
    nouns.push(thing(id, word, nameKind(synset), `word-net-${synset.topic}`, described(word, [])));
  }
  const usual = new Set(concepts('harder').map(({ id }) => id));
  const everyday = scenes.filter(({ id }) => usual.has(id));
  return { scenes, everyday, labels, nouns };
}
