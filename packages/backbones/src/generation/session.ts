import type { EncoderDecoder } from '../model/encoder-decoder.js';
import type { LanguageModel } from '../model/language-model.js';
import { DecodingSession, type SessionSettings } from './decoding-session.js';
import { EncoderDecoderSession } from './encoder-decoder-session.js';

/** A batch of sequences that grow by one token at a time. Rows may be repeated, re-ordered and dropped between steps. */
export interface Session {
  /** Runs all prompts. Returns log-probabilities (or logits) of their next tokens, `[prompts, vocabulary]`. */
  begin(prompts: readonly (readonly number[])[]): Promise<Float32Array>;
  /**
   * Continues with rows `parents` of the batch, in this order, each followed by its token. Returns log-probabilities
   * (or logits) `[parents, vocabulary]`.
   */
  step(parents: readonly number[], tokens: readonly number[]): Promise<Float32Array>;
  dispose(): void;
}

export function openSession(model: LanguageModel | EncoderDecoder, settings: SessionSettings): Session {
  return 'encode' in model
    ? new EncoderDecoderSession(model, settings)
    : new DecodingSession(model, settings);
}
