import { z } from 'zod';
import type { Normalize } from './normalizers.js';

/** A token that is found in the text before anything else is done to it. */
export const addedTokenSchema = z.strictObject({
  id: z.number().int().min(0),
  content: z.string().min(1),
  /** Only where no letter or digit stands beside it. */
  single_word: z.boolean().default(false),
  /** Takes the white space before it along. */
  lstrip: z.boolean().default(false),
  /** Takes the white space after it along. */
  rstrip: z.boolean().default(false),
  /** Is looked for in the normalised text. */
  normalized: z.boolean().optional(),
  special: z.boolean().default(false),
});

export type AddedToken = z.infer<typeof addedTokenSchema>;

/** A part of a text: a token, or what stands between tokens. */
export type Section = { readonly id: number } | { readonly text: string; readonly isStart: boolean };

interface Found {
  readonly token: AddedToken;
  readonly start: number;
  readonly end: number;
}

const wordCharacter = /[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]/u;

/** Whether a token is looked for in the normalised text; by default special ones are not. */
export function isNormalized(token: AddedToken): boolean {
  return token.normalized ?? !token.special;
}

/** Finds added tokens: leftmost first, of those that begin there the longest. */
export class AddedTokens {
  readonly #plain: TokenTrie;
  readonly #normalized: TokenTrie;
  readonly #normalize: Normalize;

  constructor(tokens: readonly AddedToken[], normalize: Normalize) {
    this.#normalize = normalize;
    this.#plain = new TokenTrie(
      tokens.filter((token) => !isNormalized(token)).map((token) => [token.content, token]),
    );
    this.#normalized = new TokenTrie(
      tokens.filter(isNormalized).map((token) => [normalize(token.content), token]),
    );
  }

  /** The tokens of a text in order, and the normalised text between them. */
  split(text: string): Section[] {
    return split(text, this.#plain).flatMap((section) => {
      if ('id' in section) return [section];
      const startStays = section.isStart && !this.#vanishes(section.text);
      return split(this.#normalize(section.text), this.#normalized).map((inner) =>
        'id' in inner ? inner : { text: inner.text, isStart: startStays && inner.isStart },
      );
    });
  }

  /** Whether nothing is left of a text's first character: then what is left does not begin where the text did. */
  #vanishes(text: string): boolean {
    const first = String.fromCodePoint(text.codePointAt(0)!);
    return this.#normalize(`${first}a`) === this.#normalize('a');
  }
}

function split(text: string, trie: TokenTrie): Section[] {
  const sections: Section[] = [];
  let end = 0;
  const between = (to: number): void => {
    if (to > end) sections.push({ text: text.slice(end, to), isStart: end === 0 });
  };
  for (let at = 0; at < text.length; ) {
    const found = trie.at(text, at);
    if (!found || (found.token.single_word && !standsAlone(text, found))) {
      at += found ? found.end - found.start : 1;
      continue;
    }
    let { start, end: stop } = found;
    while (found.token.lstrip && start > end && isSpace(text[start - 1]!)) start--;
    while (found.token.rstrip && stop < text.length && isSpace(text[stop]!)) stop++;
    between(start);
    sections.push({ id: found.token.id });
    end = stop;
    at = Math.max(stop, found.end);
  }
  between(text.length);
  return sections;
}

function standsAlone(text: string, { start, end }: Found): boolean {
  const before = Array.from(text.slice(Math.max(0, start - 2), start)).at(-1);
  const after = text.codePointAt(end);
  const isWord = (character: string | undefined): boolean =>
    character !== undefined && wordCharacter.test(character);
  return !isWord(before) && !isWord(after === undefined ? undefined : String.fromCodePoint(after));
}

function isSpace(character: string): boolean {
  return /\p{White_Space}/u.test(character);
}

interface TrieNode {
  readonly next: Map<number, TrieNode>;
  token: AddedToken | null;
}

class TokenTrie {
  readonly #root: TrieNode = { next: new Map(), token: null };

  constructor(entries: readonly (readonly [string, AddedToken])[]) {
    for (const [content, token] of entries) {
      if (content === '') continue; // the normaliser leaves nothing of it
      let node = this.#root;
      for (let index = 0; index < content.length; index++) {
        const unit = content.charCodeAt(index);
        let child = node.next.get(unit);
        if (!child) {
          child = { next: new Map(), token: null };
          node.next.set(unit, child);
        }
        node = child;
      }
      node.token ??= token;
    }
  }

  /** The longest token that begins at a place. */
  at(text: string, start: number): Found | null {
    let node: TrieNode | undefined = this.#root;
    let found: Found | null = null;
    for (let end = start; end < text.length; ) {
      node = node.next.get(text.charCodeAt(end++));
      if (!node) break;
      if (node.token) found = { token: node.token, start, end };
    }
    return found;
  }
}
