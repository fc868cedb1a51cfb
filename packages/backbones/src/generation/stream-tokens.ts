import type { LanguageModel } from '../model/language-model.js';
import { checkPrompts } from './check-prompts.js';
import { DecodingSession } from './decoding-session.js';
import { type DecodingOptions, searchSettings } from './generate.js';
import { GreedySearch } from './greedy-search.js';

/** How `streamTokens` decodes. */
export interface StreamOptions extends DecodingOptions {
  /** Token ids of the one sequence to continue. */
  readonly prompt: readonly number[];
}

/**
 * Continues one prompt greedily and gives each new token as soon as it is known, the end id last. Leaving the loop frees
 * the cache.
 */
export async function* streamTokens(
  model: LanguageModel,
  options: StreamOptions,
): AsyncGenerator<number, void> {
  const { prompt, signal } = options;
  const search = new GreedySearch(searchSettings(model, options, 1));
  checkPrompts([prompt], options.maxNewTokens, model.config);
  signal?.throwIfAborted();
  const session = new DecodingSession(model, options);
  try {
    search.advance(await session.begin([prompt]));
    yield search.best.ids.at(-1)!;
    while (search.width > 0) {
      search.advance(await session.step(search.parents, search.tokens));
      yield search.best.ids.at(-1)!;
    }
  } finally {
    session.dispose();
  }
}
