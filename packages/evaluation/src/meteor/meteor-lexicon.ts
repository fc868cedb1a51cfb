import { stem } from '../stem.js';

/** The synonym sets of a lower-case word, by any numbers; two words of one set are synonyms. Empty if unknown. */
export type SynonymLookup = (word: string) => readonly number[];

/** What the stages of METEOR compare of a word. */
export interface LexiconWord {
  /** Equal words have equal ids, and equal stems equal stem ids. */
  readonly id: number;
  readonly stem: number;
  readonly isFunctionWord: boolean;
  readonly synonymSets: readonly number[];
}

/** Words by their spelling: every distinct word is stemmed and looked up once. */
export class MeteorLexicon {
  readonly #words = new Map<string, LexiconWord>();
  readonly #stems = new Map<string, number>();

  constructor(
    readonly functionWords: ReadonlySet<string>,
    readonly synonyms: SynonymLookup | undefined,
  ) {}

  word(text: string): LexiconWord {
    const known = this.#words.get(text);
    if (known !== undefined) return known;
    const stemmed = stem(text);
    let stemId = this.#stems.get(stemmed);
    if (stemId === undefined) {
      stemId = this.#stems.size;
      this.#stems.set(stemmed, stemId);
    }
    const word: LexiconWord = {
      id: this.#words.size,
      stem: stemId,
      isFunctionWord: this.functionWords.has(text),
      synonymSets: this.synonyms?.(text) ?? [],
    };
    this.#words.set(text, word);
    return word;
  }
}
