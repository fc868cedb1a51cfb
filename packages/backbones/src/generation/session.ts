import type { EncoderDecoder } from '../model/encoder-decoder.js';
import type { LanguageModel } from '../model/language-model.js';
import { DecodingSession, type SessionSettings } from './decoding-session.js';
import { EncoderDecoderSession } from './encoder-decoder-session.js';
import type { NextScores } from './next-scores.js';

/** A batch of sequences that grow by one token at a time. Rows may be repeated, re-ordered and dropped between steps. */
export interface Session {
  /** Runs all prompts. Returns log-probabilities (or logits) of their next tokens, a row a prompt. */
  begin(prompts: readonly (readonly number[])[]): Promise<NextScores>;
  /**
   * Continues with rows `parents` of the batch, in this order, each followed by its token. Returns log-probabilities
   * (or logits), a row a parent.
   */
  step(parents: readonly number[], tokens: readonly number[]): Promise<NextScores>;
  dispose(): void;
}

export function openSession(model: LanguageModel | EncoderDecoder, settings: SessionSettings): Session {
  return 'encode' in model
    ? new EncoderDecoderSession(model, settings)
    : new DecodingSession(model, settings);
}
