import type { LanguageModel } from '../model/language-model.js';
import type { Tokenizer } from '../tokenizers/tokenizer.js';
import { checkStops, firstStop } from './stop-strings.js';
import { type StreamOptions, streamTokens } from './stream-tokens.js';

/** How `streamText` decodes. */
export interface StreamTextOptions extends Omit<StreamOptions, 'stop'> {
  /** The model's. */
  readonly tokenizer: Pick<Tokenizer, 'decode'>;
  /** Texts that end the stream; they are not part of it. */
  readonly stop?: readonly string[];
}

/**
 * Continues one prompt and gives the text as it becomes certain: a character whose bytes have not all come is held back,
 * and so is what may be the beginning of a stop string. All pieces together are the decoded tokens, without special
 * ones, up to the first stop string.
 */
export async function* streamText(
  model: LanguageModel,
  options: StreamTextOptions,
): AsyncGenerator<string, void> {
  const { tokenizer, stop = [], ...others } = options;
  checkStops(stop);
  const ids: number[] = [];
  let given = '';
  let text = '';
  for await (const id of streamTokens(model, others)) {
    ids.push(id);
    text = tokenizer.decode(ids, { skipSpecialTokens: true });
    const end = firstStop(text, stop);
    if (end !== -1) {
      text = text.slice(0, end);
      break;
    }
    const certain = text.slice(0, certainLength(text, stop));
    // A tokenizer that cleans up spaces may still take back what a later token will settle.
    if (certain.length <= given.length || !certain.startsWith(given)) continue;
    yield certain.slice(given.length);
    given = certain;
  }
  if (text.length > given.length) yield text.slice(given.length);
}

/** How much of a text no later token can change or make part of a stop string. */
function certainLength(text: string, stops: readonly string[]): number {
  const whole = text.replace(/\uFFFD+$/, '').length; // what incomplete bytes decode to
  let length = whole;
  for (const stop of stops) {
    for (let begin = Math.max(0, whole - stop.length + 1); begin < length; begin++) {
      if (stop.startsWith(text.slice(begin, whole))) length = begin;
    }
  }
  return length;
}
