import type { EncoderDecoder } from '../model/encoder-decoder.js';
import type { LanguageModel } from '../model/language-model.js';
import { checkPrompts } from './check-prompts.js';
import { textBefore } from './generate.js';
import { checkPrefix } from './prefix.js';
import { drawFor } from './sampling.js';
import { type DecodingOptions, searchSettings } from './search-settings.js';
import { openSession } from './session.js';
import { likeliest, TokenSearch } from './token-search.js';

/** How `streamTokens` decodes. */
export interface StreamOptions extends DecodingOptions {
  /** Token ids of the one sequence to continue, or to encode. */
  readonly prompt: readonly number[];
}

/**
 * Continues one prompt greedily, or by drawing tokens, and gives each new token as soon as it is known, the end id or
 * that which completes a stop string last. Leaving the loop frees the cache.
 */
export async function* streamTokens(
  model: LanguageModel | EncoderDecoder,
  options: StreamOptions,
): AsyncGenerator<number, void> {
  const { prompt, signal, sampling, prefix } = options;
  checkPrefix('generate', model, options);
  const settings = searchSettings(model, options);
  checkPrompts([prompt], options.maxNewTokens, model.config, prefix?.ids.length);
  const text = textBefore(model, prompt, prefix);
  const search = new TokenSearch(settings, text, 1, sampling ? drawFor(0, sampling) : likeliest);
  signal?.throwIfAborted();
  const session = openSession(model, { ...options, normalized: settings.normalized, best: settings.best });
  try {
    search.advance(await session.begin([prompt]));
    yield search.results[0]!.ids.at(-1)!;
    while (search.width > 0) {
      search.advance(await session.step(search.parents, search.tokens));
      yield search.results[0]!.ids.at(-1)!;
    }
  } finally {
    session.dispose();
  }
}
