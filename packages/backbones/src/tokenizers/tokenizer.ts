import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers';
import { OcelliError } from '@ocelli/ops';
import { padTokens } from '../generation/pad-tokens.js';
import type { TokenBatch } from '../model/language-model.js';

/** How a tokenizer is loaded. */
export interface TokenizerOptions {
  /**
   * Tokens such as `</a>` that the tokenizer need not know yet. A new one gets the next free id, as `add_special_tokens`
   * gives it in Python; the model's table must have a row for it.
   */
  readonly additionalSpecialTokens?: readonly string[];
}

/** How texts become ids. */
export interface EncodeOptions {
  /** Adds what the model expects around a text, in OPT `</s>` before it; true by default. */
  readonly addSpecialTokens?: boolean;
}

type JsonObject = Record<string, unknown>;

interface AddedToken {
  readonly id: number;
  readonly content: string;
  readonly special?: boolean;
  readonly single_word?: boolean;
}

/** From text to token ids and back, by the `tokenizer.json` of a checkpoint. */
export class Tokenizer {
  /** Ids that a model can get from this tokenizer are below this. */
  readonly size: number;
  /** Ids of the tokens that `tokenizer_config.json` names so; null where it names none. */
  readonly beginId: number | null;
  readonly endId: number | null;
  readonly padId: number | null;
  readonly #inner: HuggingFaceTokenizer;
  readonly #cleanUpSpaces: boolean;
  readonly #directory: string;

  /** Use `loadTokenizer`. */
  constructor(directory: string, inner: HuggingFaceTokenizer, config: JsonObject) {
    this.#directory = directory;
    this.#inner = inner;
    this.#cleanUpSpaces = config.clean_up_tokenization_spaces === true;
    this.size = sizeOf(inner);
    const named = (name: string): number | null => {
      const token = tokenContent(config[name]);
      return token === null ? null : this.idOf(token);
    };
    this.beginId = named('bos_token');
    this.endId = named('eos_token');
    this.padId = named('pad_token');
  }

  /** The id of a token by its exact content (`</a>`); an error if there is none. */
  idOf(token: string): number {
    const id = this.#inner.token_to_id(token);
    if (id !== undefined) return id;
    throw new OcelliError(
      'tokenizer',
      `${this.#directory} has no token ${JSON.stringify(token)}; load it with additionalSpecialTokens`,
    );
  }

  /** Token ids of a text. Special tokens that stand in the text itself are recognised. */
  encode(text: string, options: EncodeOptions = {}): number[] {
    const { ids, tokens } = this.#apply(() =>
      this.#inner.encode(text, { add_special_tokens: options.addSpecialTokens ?? true }),
    );
    const unknown = (ids as (number | undefined)[]).indexOf(undefined);
    if (unknown < 0) return ids;
    throw new OcelliError(
      'tokenizer',
      `${this.#directory} has no id for ${JSON.stringify(tokens[unknown])} and no unknown token`,
    );
  }

  /** The text of token ids; ids that belong to no token give nothing. `skipSpecialTokens` is false by default. */
  decode(ids: Iterable<number>, options: { readonly skipSpecialTokens?: boolean } = {}): string {
    const known = [...ids].filter((id) => this.#inner.id_to_token(id) !== undefined);
    if (known.length === 0) return '';
    return this.#apply(() =>
      this.#inner.decode(known, {
        skip_special_tokens: options.skipSpecialTokens ?? false,
        clean_up_tokenization_spaces: this.#cleanUpSpaces,
      }),
    );
  }

  /** The library looks at parts of a definition only when it needs them: what fails then is the file's fault. */
  #apply<Result>(work: () => Result): Result {
    try {
      return work();
    } catch (error) {
      throw new OcelliError('tokenizer', `${this.#directory} cannot be used: ${(error as Error).message}`, {
        cause: error,
      });
    }
  }

  /** Token ids of texts as one batch. Pad on the right (the default) to train, on the left to generate. */
  encodeBatch(
    texts: readonly string[],
    options: EncodeOptions & { readonly padding?: 'left' | 'right' } = {},
  ): TokenBatch {
    const sequences = texts.map((text) => this.encode(text, options));
    const needsPadding = sequences.some(({ length }) => length !== sequences[0]!.length);
    if (needsPadding && this.padId === null) {
      throw new OcelliError(
        'tokenizer',
        `texts of different lengths need padding, but ${this.#directory} names no pad_token in tokenizer_config.json`,
      );
    }
    return padTokens(sequences, this.padId ?? 0, options.padding ?? 'right');
  }
}

/**
 * Reads the tokenizer of a checkpoint folder: `tokenizer.json`, and the names of special tokens from
 * `tokenizer_config.json` or `special_tokens_map.json` where they exist.
 */
export function loadTokenizer(directory: string, options: TokenizerOptions = {}): Tokenizer {
  const path = join(directory, 'tokenizer.json');
  if (!existsSync(path)) {
    throw new OcelliError(
      'tokenizer',
      `there is no ${path}; write it in Python with AutoTokenizer.from_pretrained(NAME).save_pretrained(FOLDER)`,
    );
  }
  const definition = readJson(path);
  const config = {
    ...readOptional(directory, 'special_tokens_map.json'),
    ...readOptional(directory, 'tokenizer_config.json'),
  };
  try {
    checkAddedTokens(definition);
    let inner = new HuggingFaceTokenizer(definition, config);
    const special = options.additionalSpecialTokens ?? [];
    if (special.length > 0) {
      inner = new HuggingFaceTokenizer(
        { ...definition, added_tokens: withSpecial(inner, definition, special) },
        config,
      );
    }
    return new Tokenizer(directory, inner, config);
  } catch (error) {
    if (error instanceof OcelliError) throw error;
    throw new OcelliError('tokenizer', `${path} cannot be used: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** The definition's added tokens and these; those that it lacks get the ids after its last one. */
function withSpecial(
  inner: HuggingFaceTokenizer,
  definition: JsonObject,
  tokens: readonly string[],
): AddedToken[] {
  let nextId = sizeOf(inner);
  const wanted = new Set(tokens);
  const others = addedTokens(definition).filter(({ content }) => !wanted.has(content));
  const special = [...wanted].map((content) => ({
    id: inner.token_to_id(content) ?? nextId++,
    content,
    special: true,
  }));
  return [...others, ...special];
}

function addedTokens(definition: JsonObject): AddedToken[] {
  return (definition.added_tokens as AddedToken[] | undefined) ?? [];
}

function sizeOf(inner: HuggingFaceTokenizer): number {
  let size = 0;
  for (const id of inner.get_vocab().values()) size = Math.max(size, id + 1);
  return size;
}

function checkAddedTokens(definition: JsonObject): void {
  for (const { content, single_word: singleWord } of (definition.added_tokens as AddedToken[] | undefined) ??
    []) {
    if (singleWord)
      throw new Error(
        `its token ${JSON.stringify(content)} matches single words only, which is not supported`,
      );
  }
}

/** `"</s>"` or `{ "content": "</s>", ... }`. */
function tokenContent(value: unknown): string | null {
  if (typeof value === 'string') return value;
  const isEntry = typeof value === 'object' && value !== null && 'content' in value;
  return isEntry && typeof value.content === 'string' ? value.content : null;
}

function readOptional(directory: string, name: string): JsonObject {
  const path = join(directory, name);
  return existsSync(path) ? readJson(path) : {};
}

function readJson(path: string): JsonObject {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
    throw new Error('it holds no object');
  } catch (error) {
    throw new OcelliError('tokenizer', `${path} cannot be read as JSON: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
