import { OcelliError } from '@ocelli/ops';
import { padTokens } from '../generation/pad-tokens.js';
import type { TokenBatch } from '../model/language-model.js';
import { cleanUpSpaces } from './engine/decoders.js';
import type { Frame } from './engine/post-processors.js';
import { TokenizerEngine } from './engine/tokenizer-engine.js';
import { readTokenizerFiles } from './read-definition.js';
import { type JsonObject, tokenContent } from './slow-formats/special-tokens.js';

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

/** From text to token ids and back, by the tokenizer files of a checkpoint. */
export class Tokenizer {
  /** Ids that a model can get from this tokenizer are below this. */
  readonly size: number;
  /** Ids of the tokens that `tokenizer_config.json` names so; null where it names none. */
  readonly beginId: number | null;
  readonly endId: number | null;
  readonly padId: number | null;
  readonly #engine: TokenizerEngine;
  readonly #frame: Frame;
  readonly #cleansSpaces: boolean;
  readonly #directory: string;

  /** Use `loadTokenizer`. */
  constructor(directory: string, engine: TokenizerEngine, config: JsonObject) {
    this.#directory = directory;
    this.#engine = engine;
    // Of BPE's text the clean-up would take true spaces, so Python ignores the setting there.
    this.#cleansSpaces = config.clean_up_tokenization_spaces === true && engine.modelType !== 'BPE';
    this.size = engine.size;
    const named = (name: string): number | null => {
      const token = tokenContent(config[name]);
      return token === null ? null : this.idOf(token);
    };
    this.beginId = named('bos_token');
    this.endId = named('eos_token');
    this.padId = named('pad_token');
    this.#frame = frameOf(config, this.beginId, this.endId) ?? engine.frame;
  }

  /** The id of a token by its exact content (`</a>`); an error if there is none. */
  idOf(token: string): number {
    const id = this.#engine.idOf(token);
    if (id !== undefined) return id;
    throw new OcelliError(
      'tokenizer',
      `${this.#directory} has no token ${JSON.stringify(token)}; load it with additionalSpecialTokens`,
    );
  }

  /**
   * Token ids of a text. Special tokens that stand in the text itself are recognised. Half a surrogate pair, which is no
   * character, counts as U+FFFD.
   */
  encode(text: string, options: EncodeOptions = {}): number[] {
    const { before, after } = this.#frame;
    let ids: number[];
    try {
      ids = this.#engine.encode(text.replace(/\p{Surrogate}/gu, '\uFFFD'));
    } catch (error) {
      throw new OcelliError('tokenizer', `${this.#directory} ${(error as Error).message}`, { cause: error });
    }
    return (options.addSpecialTokens ?? true) ? [...before, ...ids, ...after] : ids;
  }

  /** The text of token ids; ids that belong to no token give nothing. `skipSpecialTokens` is false by default. */
  decode(ids: Iterable<number>, options: { readonly skipSpecialTokens?: boolean } = {}): string {
    const text = this.#engine.decode(ids, options.skipSpecialTokens ?? false);
    return this.#cleansSpaces ? cleanUpSpaces(text) : text;
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
 * Reads the tokenizer of a checkpoint folder, see `readTokenizerFiles`: `tokenizer.json` or the older formats, and the names
 * of special tokens from `tokenizer_config.json` and `special_tokens_map.json` where they exist.
 *
 * @throws {OcelliError} naming the file that is missing or broken.
 */
export function loadTokenizer(directory: string, options: TokenizerOptions = {}): Tokenizer {
  const { path, definition, config } = readTokenizerFiles(directory);
  let engine: TokenizerEngine;
  try {
    engine = new TokenizerEngine(definition);
    const special = options.additionalSpecialTokens ?? [];
    if (special.length > 0) engine = new TokenizerEngine(withSpecial(definition, engine, special));
  } catch (error) {
    if (error instanceof OcelliError) throw error;
    throw new OcelliError('tokenizer', `${path} cannot be used: ${(error as Error).message}`, {
      cause: error,
    });
  }
  return new Tokenizer(directory, engine, config);
}

/** The definition with these added tokens; those that it lacks get the ids after its last one. */
function withSpecial(definition: JsonObject, engine: TokenizerEngine, tokens: readonly string[]): JsonObject {
  let nextId = engine.size;
  const wanted = new Set(tokens);
  const added = (definition.added_tokens ?? []) as readonly { readonly content: string }[];
  const special = [...wanted].map((content) => ({
    id: engine.idOf(content) ?? nextId++,
    content,
    special: true,
  }));
  return {
    ...definition,
    added_tokens: [...added.filter(({ content }) => !wanted.has(content)), ...special],
  };
}

/** What `add_bos_token` and `add_eos_token` put around a text, over what `tokenizer.json` says; null if neither is there. */
function frameOf(config: JsonObject, beginId: number | null, endId: number | null): Frame | null {
  const adds = (key: string, id: number | null): number[] =>
    config[key] === true && id !== null ? [id] : [];
  const isGiven = typeof config.add_bos_token === 'boolean' || typeof config.add_eos_token === 'boolean';
  const isFixed = /^(Roberta|Bart|CLIP|Whisper|Bert|T5)Tokenizer/.test(String(config.tokenizer_class));
  if (!isGiven || isFixed) return null;
  return { before: adds('add_bos_token', beginId), after: adds('add_eos_token', endId) };
}
