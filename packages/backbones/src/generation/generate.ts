import { OcelliError } from '@ocelli/ops';
import type { LanguageModel } from '../model/language-model.js';
import { BeamSearch } from './beam-search.js';
import { checkPrompts } from './check-prompts.js';
import { type BatchHooks, DecodingSession, type SessionOptions } from './decoding-session.js';
import { GreedySearch } from './greedy-search.js';
import type { GeneratedSequence, Search, SearchSettings } from './search.js';

/** What `generate` and `streamTokens` share. */
export interface DecodingOptions extends SessionOptions {
  /** At most this many tokens are added, an end id included. */
  readonly maxNewTokens: number;
  /** A token, or several, that end a sequence; the model's own by default. */
  readonly endId?: number | readonly number[];
}

/** How `generate` decodes. */
export interface GenerateOptions extends DecodingOptions {
  /** Token ids; prompts may differ in length. */
  readonly prompts: readonly (readonly number[])[];
  /** 1 (the default) is greedy decoding, more is beam search. */
  readonly beams?: number;
  /** Scores are divided by length^lengthPenalty: 1 (the default) is the mean, above it favours long sequences. */
  readonly lengthPenalty?: number;
}

/**
 * Continues prompts, greedily or with beams, as transformers 5.18 does (`do_sample=False`, `early_stopping=False`). The
 * prompts run as one batch, padded on the left and with a key-value cache; sequences leave it as they finish. A result
 * depends on its own prompt only, never on the others in the batch; without a cache prompts run one by one to that end,
 * as such hooks may see padding too.
 *
 * @returns a sequence per prompt: its new tokens, the end id among them, and its score.
 */
export async function generate(model: LanguageModel, options: GenerateOptions): Promise<GeneratedSequence[]> {
  const { prompts, maxNewTokens, beams = 1, lengthPenalty = 1 } = options;
  const { hooks = () => [], signal, cached = true } = options;
  if (!Number.isInteger(beams) || beams < 1) {
    throw new OcelliError('generate', `beams must be a whole number >= 1, got ${beams}`);
  }
  const settings = searchSettings(model, options, lengthPenalty);
  checkPrompts(prompts, maxNewTokens, model.config);
  const searches = prompts.map(() =>
    beams === 1 ? new GreedySearch(settings) : new BeamSearch(beams, settings),
  );
  signal?.throwIfAborted();
  if (prompts.length === 0) return [];
  if (cached) {
    await runSearches(model, searches, prompts, options);
  } else {
    for (const [index, search] of searches.entries()) {
      const ownHooks: BatchHooks = (rows) => hooks(rows.map(() => index));
      await runSearches(model, [search], [prompts[index]!], { ...options, hooks: ownHooks });
    }
  }
  return searches.map(({ best }) => best);
}

/** Runs the searches of some prompts to their ends, in one batch. */
async function runSearches(
  model: LanguageModel,
  searches: readonly Search[],
  prompts: readonly (readonly number[])[],
  options: SessionOptions,
): Promise<void> {
  const session = new DecodingSession(model, options);
  try {
    let logProbabilities = await session.begin(prompts);
    for (let active = searches; ; ) {
      const { parents, tokens } = advance(active, logProbabilities, model.config.vocabularySize);
      if (tokens.length === 0) return;
      active = active.filter(({ width }) => width > 0);
      logProbabilities = await session.step(parents, tokens);
    }
  } finally {
    session.dispose();
  }
}

/** One step of every search, whose sequences follow one another in the batch; returns the batch of the next step. */
function advance(
  searches: readonly Search[],
  logProbabilities: Float32Array,
  vocabulary: number,
): { parents: number[]; tokens: number[] } {
  const parents: number[] = [];
  const tokens: number[] = [];
  let row = 0;
  for (const search of searches) {
    const begin = row;
    row += search.width;
    search.advance(logProbabilities.subarray(begin * vocabulary, row * vocabulary));
    if (search.width === 0) continue;
    for (const parent of search.parents) parents.push(begin + parent);
    tokens.push(...search.tokens);
  }
  return { parents, tokens };
}

/** Checked settings of one call. */
export function searchSettings(
  model: LanguageModel,
  options: DecodingOptions,
  lengthPenalty: number,
): SearchSettings {
  const { maxNewTokens, endId = model.config.endIds ?? model.config.endId } = options;
  if (!Number.isInteger(maxNewTokens) || maxNewTokens < 1) {
    throw new OcelliError('generate', `maxNewTokens must be a whole number >= 1, got ${maxNewTokens}`);
  }
  if (!Number.isFinite(lengthPenalty)) {
    throw new OcelliError('generate', `lengthPenalty must be a number, got ${lengthPenalty}`);
  }
  return { maxNewTokens, lengthPenalty, endIds: new Set(typeof endId === 'number' ? [endId] : endId) };
}
