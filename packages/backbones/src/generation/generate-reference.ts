import { logSoftmax, OcelliError, type Tensor, tensor } from '@ocelli/ops';
import type { LanguageModel, TokenBatch } from '../model/language-model.js';
import { checkPrompts } from './check-prompts.js';
import type { BatchHooks } from './decoding-session.js';
import { padTokens } from './pad-tokens.js';
import { readScores } from './read-scores.js';
import { ReferenceBeams } from './reference-beams.js';
import type { GeneratedSequence } from './search.js';

/** How `generateReference` decodes. */
export interface ReferenceGenerateOptions {
  /** Token ids; prompts may differ in length. */
  readonly prompts: readonly (readonly number[])[];
  readonly hooks?: BatchHooks;
  /** 3, as the released configurations, unless given. */
  readonly beams?: number;
  /** Most tokens of a row: the longest prompt, which the others are padded to, and what is added. Default 30. */
  readonly maxLength?: number;
  readonly signal?: AbortSignal;
}

/**
 * Beam search as the released eP-ALM does it (transformers 4.24, `use_cache: False`), for its published numbers. The batch
 * is padded on the right and new tokens follow the padding, so that the first token of every prompt but the longest is
 * read from a padding position; a result depends on the other prompts of its batch, and lengths that divide scores count
 * prompt and padding. Every step runs the whole text again. Use `generate` for anything else.
 *
 * @returns a sequence per prompt: its new tokens without the end id, and its score.
 */
export async function generateReference(
  model: LanguageModel,
  options: ReferenceGenerateOptions,
): Promise<GeneratedSequence[]> {
  const { prompts, hooks = () => [], beams = 3, maxLength = 30, signal } = options;
  if (!Number.isInteger(beams) || beams < 1) {
    throw new OcelliError('generate', `beams must be a whole number >= 1, got ${beams}`);
  }
  if (prompts.length === 0) return [];
  const { endId, padId, vocabularySize } = model.config;
  const text = padTokens(prompts, padId, 'right');
  if (!Number.isInteger(maxLength) || maxLength <= text.tokens) {
    throw new OcelliError(
      'generate',
      `maxLength must be a whole number above the longest prompt's ${text.tokens} tokens, got ${maxLength}`,
    );
  }
  checkPrompts(prompts, maxLength - text.tokens, model.config);
  const searches = prompts.map(() => new ReferenceBeams(beams, endId, padId));
  let length = text.tokens;
  for (; length < maxLength && searches.some(({ isDone }) => !isDone); length++) {
    const input = withNewTokens(
      text,
      searches.map(({ rows }) => rows),
    );
    const values = await readScores(() => nextLogProbabilities(model, input, hooks, beams), signal);
    for (const [index, search] of searches.entries()) {
      const begin = index * beams * vocabularySize;
      search.advance(values.subarray(begin, begin + beams * vocabularySize), length);
    }
  }
  return searches.map((search) => {
    const { ids, score } = search.best(length);
    return { ids: [...ids], score };
  });
}

/** Each prompt with its padding once for each beam, followed by that beam's tokens. */
function withNewTokens(text: TokenBatch, rows: readonly (readonly (readonly number[])[])[]): TokenBatch {
  const added = rows[0]![0]!.length;
  const beams = rows[0]!.length;
  const tokens = text.tokens + added;
  const batch = text.batch * beams;
  const ids = new Int32Array(batch * tokens);
  const mask = new Uint8Array(ids.length).fill(1);
  for (let row = 0; row < batch; row++) {
    const prompt = Math.floor(row / beams);
    const from = prompt * text.tokens;
    ids.set(text.ids.subarray(from, from + text.tokens), row * tokens);
    mask.set(text.mask.subarray(from, from + text.tokens), row * tokens);
    ids.set(rows[prompt]![row % beams]!, row * tokens + text.tokens);
  }
  return { batch, tokens, ids, mask };
}

/** Of the token after each row's last, `[rows, vocabulary]`. */
function nextLogProbabilities(
  model: LanguageModel,
  input: TokenBatch,
  hooks: BatchHooks,
  beams: number,
): Tensor {
  const prompts = Int32Array.from({ length: input.batch }, (_, row) => Math.floor(row / beams));
  const last = Int32Array.from({ length: input.batch }, (_, row) => (row + 1) * input.tokens - 1);
  return logSoftmax(model.forward({ input, hooks: hooks(prompts), logitRows: tensor(last) }).logits);
}
