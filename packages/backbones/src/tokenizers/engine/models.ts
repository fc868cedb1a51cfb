import { z } from 'zod';
import { BPE, WordPiece } from './library.js';
import { byteToken, UnigramModel } from './unigram.js';

/** Makes ids of a piece of text. */
export interface TokenModel {
  readonly type: 'BPE' | 'Unigram' | 'WordPiece' | 'WordLevel';
  readonly vocabulary: ReadonlyMap<string, number>;
  /** Marks the last token of a word, `</w>`; null if nothing does. */
  readonly wordEnd: string | null;
  encode(word: string): number[];
}

/** Ids are rows of a table; a file that asks for more is broken, and would fill the memory. */
const largestId = 50_000_000;
/** Checked as it is: a copy would take long, and lose a token such as `__proto__`. */
const vocabularySchema = z.custom<Readonly<Record<string, number>>>(
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every(
      (id: unknown) => Number.isInteger(id) && Number(id) >= 0 && Number(id) <= largestId,
    ),
  'expected tokens with their ids',
);
/** Pairs, or both parts with a space between them; a schema for each of a quarter of a million would take seconds. */
const mergesSchema = z.custom<readonly (string | readonly string[])[]>(
  (value) =>
    Array.isArray(value) &&
    value.every(
      (merge: unknown) =>
        typeof merge === 'string' ||
        (Array.isArray(merge) && merge.every((part: unknown) => typeof part === 'string')),
    ),
  'expected pairs of tokens',
);

const bpe = z
  .strictObject({
    type: z.literal('BPE'),
    vocab: vocabularySchema,
    merges: mergesSchema,
    unk_token: z.string().nullish(),
    fuse_unk: z.boolean().default(false),
    byte_fallback: z.boolean().default(false),
    ignore_merges: z.boolean().default(false),
    end_of_word_suffix: z.string().nullish(),
    continuing_subword_prefix: z.literal('').nullish(),
    dropout: z.literal(0).nullish(),
  })
  .transform((config, context): TokenModel => {
    const wordEnd = config.end_of_word_suffix || null;
    const vocabulary = new Map(Object.entries(config.vocab));
    const merges = config.merges.map((merge) => (typeof merge === 'string' ? merge.split(' ') : merge));
    const wrong = merges.findIndex(([left, right, ...rest]) => {
      return left === undefined || right === undefined || rest.length > 0 || !vocabulary.has(left + right);
    });
    if (wrong >= 0) {
      context.addIssue(`the merge ${JSON.stringify(config.merges[wrong])} makes no token of the vocabulary`);
      return z.NEVER;
    }
    const merger = new BPE({
      type: 'BPE',
      vocab: config.vocab,
      merges: merges as [string, string][],
      ...(wordEnd ? { end_of_word_suffix: wordEnd } : {}),
    });
    const unknown = config.unk_token ? vocabulary.get(config.unk_token) : undefined;
    const bytes = Array.from({ length: 256 }, (_, byte) => vocabulary.get(byteToken(byte)));
    const encoder = new TextEncoder();
    const bytesOf = (token: string): number[] | null => {
      const ids = Array.from(encoder.encode(token), (byte) => bytes[byte]);
      return ids.every((id) => id !== undefined) ? ids : null;
    };
    return {
      type: 'BPE',
      vocabulary,
      wordEnd,
      encode(word) {
        const whole = config.ignore_merges ? vocabulary.get(word) : undefined;
        if (whole !== undefined) return [whole];
        const ids: number[] = [];
        let follows = false; // an unknown character
        for (const token of merger.bpe(word)) {
          const id = vocabulary.get(token);
          const fallback = id === undefined && config.byte_fallback ? bytesOf(token) : null;
          const isUnknown = id === undefined && fallback === null;
          if (id !== undefined) ids.push(id);
          else if (fallback) ids.push(...fallback);
          // Without an unknown token a character is lost, as in the original.
          else if (unknown !== undefined && !(config.fuse_unk && follows)) ids.push(unknown);
          follows = isUnknown;
        }
        return ids;
      },
    };
  });

const unigram = z
  .strictObject({
    type: z.literal('Unigram'),
    vocab: z.array(z.tuple([z.string(), z.number()])).min(1),
    unk_id: z.number().int().min(0).nullish(),
    byte_fallback: z.boolean().default(false),
  })
  .refine(({ vocab, unk_id: id }) => (id ?? 0) < vocab.length, 'unk_id is outside the vocabulary')
  .transform(({ vocab, unk_id: unknownId, byte_fallback: byteFallback }): TokenModel => {
    const model = new UnigramModel(vocab, unknownId ?? null, byteFallback);
    return {
      type: 'Unigram',
      vocabulary: model.vocabulary,
      wordEnd: null,
      encode: (word) => model.encode(word),
    };
  });

const wordPiece = z
  .strictObject({
    type: z.literal('WordPiece'),
    vocab: vocabularySchema,
    unk_token: z.string().default('[UNK]'),
    continuing_subword_prefix: z.string().default('##'),
    max_input_chars_per_word: z.number().int().positive().default(100),
  })
  .refine(
    ({ vocab, unk_token: unknown }) => Object.hasOwn(vocab, unknown),
    'unk_token is not in the vocabulary',
  )
  .transform((config): TokenModel => {
    const splitter = new WordPiece(config);
    const vocabulary = new Map(Object.entries(config.vocab));
    return {
      type: 'WordPiece',
      vocabulary,
      wordEnd: null,
      encode: (word) => splitter.encode([word]).map((token) => vocabulary.get(token)!),
    };
  });

const wordLevel = z
  .strictObject({ type: z.literal('WordLevel'), vocab: vocabularySchema, unk_token: z.string() })
  .transform(({ vocab, unk_token: unknown }): TokenModel => {
    const vocabulary = new Map(Object.entries(vocab));
    return {
      type: 'WordLevel',
      vocabulary,
      wordEnd: null,
      encode(word) {
        const id = vocabulary.get(word) ?? vocabulary.get(unknown);
        if (id === undefined) throw new Error(`has no id for ${JSON.stringify(word)} and no unknown token`);
        return [id];
      },
    };
  });

/** The model of a `tokenizer.json`. */
export const modelSchema = z.discriminatedUnion('type', [bpe, unigram, wordPiece, wordLevel]);
