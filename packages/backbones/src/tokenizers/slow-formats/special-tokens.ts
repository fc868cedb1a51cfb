import type { AddedToken } from '../engine/added-tokens.js';

export type JsonObject = Readonly<Record<string, unknown>>;

/** The special tokens that a configuration may name, in the order in which Python gives ids to new ones. */
const namedTokens = ['bos', 'eos', 'unk', 'sep', 'pad', 'cls', 'mask'] as const;
export type TokenName = `${(typeof namedTokens)[number]}_token`;

/** `"</s>"`, or `{ "content": "</s>", ... }`; null for anything else. */
export function tokenContent(value: unknown): string | null {
  if (typeof value === 'string') return value;
  const isEntry = typeof value === 'object' && value !== null && 'content' in value;
  return isEntry && typeof value.content === 'string' ? value.content : null;
}

/** The special tokens of a configuration, with those that a tokenizer class has by itself. */
export class SpecialTokens {
  readonly #config: JsonObject;
  readonly #defaults: Partial<Record<TokenName, string>>;

  constructor(config: JsonObject, defaults: Partial<Record<TokenName, string>>) {
    this.#config = config;
    this.#defaults = defaults;
  }

  /** The content of a token; null if there is none. */
  content(name: TokenName): string | null {
    return tokenContent(this.#value(name));
  }

  /** Names and contents, as a configuration has them. */
  contents(): Partial<Record<TokenName, string>> {
    return Object.fromEntries(
      namedTokens.flatMap((name) => {
        const content = this.content(`${name}_token`);
        return content === null ? [] : [[`${name}_token`, content]];
      }),
    );
  }

  /**
   * All added tokens: those of `added_tokens_decoder` by id, then the named and the additional special ones. One that the
   * vocabulary knows keeps its id, others get the next free ones.
   *
   * @param more pieces of the vocabulary that are tokens by themselves.
   */
  added(vocabulary: ReadonlyMap<string, number>, more: readonly Omit<AddedToken, 'id'>[] = []): AddedToken[] {
    const found = new Map<string, Omit<AddedToken, 'id'>>();
    const add = (token: Omit<AddedToken, 'id'> | null): void => {
      if (token && !found.has(token.content)) found.set(token.content, token);
    };
    const decoder = (this.#config.added_tokens_decoder ?? {}) as JsonObject;
    const byId = Object.entries(decoder).sort(([left], [right]) => Number(left) - Number(right));
    for (const [, value] of byId) add(addedToken(value, false));
    for (const name of namedTokens) add(addedToken(this.#value(`${name}_token`), true));
    for (const key of ['additional_special_tokens', 'extra_special_tokens']) {
      const values = this.#config[key];
      if (Array.isArray(values)) for (const value of values) add(addedToken(value, true));
    }
    for (const token of more) add(token);
    const named = new Set<string | null>(Object.values(this.contents()));
    let next = 0;
    for (const id of vocabulary.values()) next = Math.max(next, id + 1);
    return [...found.values()].map((token) => ({
      ...token,
      special: token.special || named.has(token.content),
      id: vocabulary.get(token.content) ?? next++,
    }));
  }

  #value(name: TokenName): unknown {
    return name in this.#config ? this.#config[name] : this.#defaults[name];
  }
}

function addedToken(value: unknown, special: boolean): Omit<AddedToken, 'id'> | null {
  const content = tokenContent(value);
  if (content === null || content === '') return null;
  const given = (typeof value === 'object' ? value : {}) as Partial<AddedToken>;
  const isSpecial = special || given.special === true;
  return {
    content,
    single_word: given.single_word === true,
    lstrip: given.lstrip === true,
    rstrip: given.rstrip === true,
    normalized: given.normalized ?? !isSpecial,
    special: isSpecial,
  };
}
