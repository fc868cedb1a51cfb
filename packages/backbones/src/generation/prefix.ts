import { noGrad, OcelliError, scope, tensor } from '@ocelli/ops';
import type { EncoderDecoder } from '../model/encoder-decoder.js';
import type { HookList } from '../model/hooks.js';
import type { KeyValueCache } from '../model/key-value-cache.js';
import type { LanguageModel } from '../model/language-model.js';
import { checkPrompts } from './check-prompts.js';
import { padTokens } from './pad-tokens.js';

/** How a prefix is made. */
export interface PrefixOptions {
  /**
   * Hooks of the prefix and of all that continues it, for a batch of so many sequences. They know no sample, so what they
   * do cannot differ between samples. Rows that they splice stand before the prefix.
   */
  readonly hooks?: (batch: number) => HookList;
}

/**
 * Tokens that many prompts begin with (an instruction, examples), with their keys and values: computed once for all
 * prompts and calls. Made by `createPrefix`; `dispose` frees it.
 */
export class Prefix {
  readonly model: LanguageModel;
  readonly ids: readonly number[];
  readonly hooks: (batch: number) => HookList;
  readonly #cache: KeyValueCache;

  /** Use `createPrefix`. */
  constructor(
    model: LanguageModel,
    ids: readonly number[],
    cache: KeyValueCache,
    hooks: (batch: number) => HookList,
  ) {
    this.model = model;
    this.ids = ids;
    this.hooks = hooks;
    this.#cache = cache;
  }

  /** A cache for `batch` sequences that begin with the prefix; the caller frees it. */
  createCache(batch: number): KeyValueCache {
    const rows = new Int32Array(batch);
    return scope(() => noGrad(() => this.#cache.copy(tensor(rows), rows)));
  }

  dispose(): void {
    this.#cache.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/**
 * Runs a model over tokens that many prompts begin with. `generate`, the streams and `rankAnswers` continue it where it
 * is given as `prefix`: their prompts then hold what comes after it, at least one token. Results are those of prefix and
 * prompt in one piece.
 *
 * A prefix brings hooks of its own and takes no others: what an adapter makes of an image stands in every later key and
 * value, so it cannot be shared between images.
 */
export function createPrefix(
  model: LanguageModel,
  ids: readonly number[],
  { hooks = () => [] }: PrefixOptions = {},
): Prefix {
  checkPrompts([ids], 1, model.config);
  const cache = model.createCache();
  try {
    scope(() =>
      noGrad(() => {
        const input = padTokens([ids], model.config.padId, 'left');
        // No logits are wanted, but one row of them costs little.
        model.forward({ input, cache, hooks: hooks(1), logitRows: tensor(Int32Array.of(ids.length - 1)) });
      }),
    );
  } catch (error) {
    cache.dispose();
    throw error;
  }
  return new Prefix(model, [...ids], cache, hooks);
}

/** Throws where a prefix does not go with the rest of a call. */
export function checkPrefix(
  op: string,
  model: LanguageModel | EncoderDecoder,
  options: { readonly prefix?: Prefix; readonly hooks?: unknown; readonly cached?: boolean },
): void {
  const { prefix, hooks, cached = true } = options;
  if (!prefix) return;
  if (prefix.model !== model)
    throw new OcelliError(op, 'the prefix was made with another model; make one with this model');
  if (hooks)
    throw new OcelliError(
      op,
      'a prefix takes no hooks beside its own; give them to createPrefix, or use no prefix',
    );
  if (!cached)
    throw new OcelliError(op, 'a prefix is a key-value cache; leave out cached: false or the prefix');
}
