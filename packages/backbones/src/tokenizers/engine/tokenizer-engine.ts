import { z } from 'zod';
import { type AddedToken, AddedTokens, addedTokenSchema, isNormalized } from './added-tokens.js';
import { decoderSchema } from './decoders.js';
import { modelSchema, type TokenModel } from './models.js';
import { type Normalize, normalizerSchema } from './normalizers.js';
import { stripAsPython } from './pattern.js';
import { type Frame, postProcessorSchema } from './post-processors.js';
import { preTokenizerSchema } from './pre-tokenizers.js';

/** A `tokenizer.json`. Its `truncation` and `padding` are for batches; `Tokenizer` has its own. */
const definitionSchema = z.looseObject({
  added_tokens: z.array(addedTokenSchema).default([]),
  normalizer: normalizerSchema.nullish(),
  pre_tokenizer: preTokenizerSchema.nullish(),
  model: z.preprocess(withType, modelSchema),
  post_processor: postProcessorSchema.nullish(),
  decoder: decoderSchema.nullish(),
});

/**
 * What a `tokenizer.json` describes, with the ids of Hugging Face's Rust library: added tokens are found, what stands between
 * them is normalised, cut into words and given to the model, and special tokens are put around.
 *
 * `@huggingface/tokenizers` does the merging of BPE, WordPiece and the translation of regular expressions; its other parts
 * give other ids than the original (white space, added tokens, Metaspace, SentencePiece's normalisation, unknown runs).
 *
 * Letters and numbers are those of Node's Unicode tables: characters newer than both those and the Rust library's (Unicode 16)
 * may be cut otherwise.
 */
export class TokenizerEngine {
  readonly modelType: TokenModel['type'];
  /** What the post-processor puts around a text. */
  readonly frame: Frame;
  /** Ids are below this. */
  readonly size: number;
  readonly #definition: z.infer<typeof definitionSchema>;
  readonly #added: AddedTokens;
  readonly #ids: ReadonlyMap<string, number>;
  readonly #tokens = new Map<number, string>();
  readonly #special = new Set<string>();
  readonly #wordEnd: string | null;

  /** @throws {Error} saying what is wrong with the definition. */
  constructor(definition: unknown) {
    const result = definitionSchema.safeParse(definition);
    if (!result.success) throw new Error(describe(result.error));
    this.#definition = result.data;
    const { model, decoder, added_tokens: added, post_processor: frame, normalizer } = this.#definition;
    this.modelType = model.type;
    this.frame = frame ?? { before: [], after: [] };
    // CLIP's ends of words are letters to the byte decoder.
    this.#wordEnd = decoder && isByteLevel(definition) ? model.wordEnd : null;
    const ids = new Map(model.vocabulary);
    for (const token of added) {
      if (!ids.has(token.content)) ids.set(token.content, token.id);
      if (token.special) this.#special.add(token.content);
    }
    this.#ids = ids;
    const placed = added.map((token): AddedToken => ({ ...token, id: ids.get(token.content)! }));
    const normalize: Normalize = normalizer ?? ((text) => text);
    this.#added = new AddedTokens(placed, normalize);
    let size = 0;
    for (const [token, id] of ids) {
      this.#tokens.set(id, token);
      size = Math.max(size, id + 1);
    }
    this.size = size;
    // As in the original, which also takes a special token for a plain one where the normaliser changes it.
    for (const token of placed) if (isNormalized(token)) this.#tokens.set(token.id, normalize(token.content));
  }

  idOf(token: string): number | undefined {
    return this.#ids.get(token);
  }

  /** Ids of a text alone, without `frame`. */
  encode(text: string): number[] {
    const { pre_tokenizer: preTokenize, model } = this.#definition;
    return this.#added.split(text).flatMap((section) => {
      if ('id' in section) return [section.id];
      const pieces = preTokenize ? preTokenize([section]) : [section];
      return pieces.flatMap((piece) => model.encode(piece.text));
    });
  }

  /** The text of ids; those of no token are left out. */
  decode(ids: Iterable<number>, skipSpecialTokens: boolean): string {
    const tokens: string[] = [];
    for (const id of ids) {
      const token = this.#tokens.get(id);
      if (token !== undefined && !(skipSpecialTokens && this.#special.has(token))) tokens.push(token);
    }
    const { decoder } = this.#definition;
    if (!decoder) return tokens.join(' ');
    const text = decoder(tokens).join('');
    return this.#wordEnd === null ? text : stripAsPython(text.replaceAll(this.#wordEnd, ' '));
  }
}

/** Older files name no type. */
function withType(model: unknown): unknown {
  if (typeof model !== 'object' || model === null || 'type' in model) return model;
  if ('merges' in model) return { ...model, type: 'BPE' };
  if ('vocab' in model && Array.isArray(model.vocab)) return { ...model, type: 'Unigram' };
  return { ...model, type: 'continuing_subword_prefix' in model ? 'WordPiece' : 'WordLevel' };
}

function isByteLevel(definition: unknown): boolean {
  return (definition as { decoder?: { type?: unknown } }).decoder?.type === 'ByteLevel';
}

/** The first thing that is wrong, and where. */
function describe(error: z.ZodError): string {
  const [issue] = error.issues as [z.core.$ZodIssue];
  const place = issue.path.map(String).join('.');
  return `${place === '' ? 'it' : place}: ${issue.message}`;
}
