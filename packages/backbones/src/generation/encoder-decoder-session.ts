import { gatherRows, logSoftmax, noGrad, scope, tensor } from '@ocelli/ops';
import type { EncoderDecoder } from '../model/encoder-decoder.js';
import type { EncoderDecoderCache } from '../model/encoder-decoder-cache.js';
import type { Sequence } from '../model/sequence.js';
import type { BatchHooks, SessionSettings } from './decoding-session.js';
import type { NextScores } from './next-scores.js';
import { padTokens } from './pad-tokens.js';
import { readNextScores } from './read-scores.js';

/**
 * As `DecodingSession`, for an encoder-decoder model: prompts are encoded once, and the sequences that grow are the
 * decoder's, from its start token on.
 */
export class EncoderDecoderSession {
  readonly #model: EncoderDecoder;
  readonly #hooks: BatchHooks;
  readonly #encoderHooks: BatchHooks;
  readonly #signal: AbortSignal | undefined;
  readonly #normalized: boolean;
  readonly #best: number | undefined;
  readonly #cache: EncoderDecoderCache | null;
  /** Of all prompts. */
  #memory: Sequence | null = null;
  #batchRows: Int32Array = new Int32Array();
  /** All tokens of each row. */
  #sequences: readonly (readonly number[])[] = [];

  constructor(
    model: EncoderDecoder,
    {
      hooks = () => [],
      encoderHooks = () => [],
      signal,
      cached = true,
      normalized = true,
      best,
    }: SessionSettings = {},
  ) {
    this.#model = model;
    this.#hooks = hooks;
    this.#encoderHooks = encoderHooks;
    this.#signal = signal;
    this.#normalized = normalized;
    this.#best = best;
    this.#cache = cached ? model.createCache() : null;
  }

  begin(prompts: readonly (readonly number[])[]): Promise<NextScores> {
    const { padId, decoderStartId } = this.#model.config;
    this.#batchRows = Int32Array.from(prompts.keys());
    this.#sequences = prompts.map(() => [decoderStartId]);
    const input = padTokens(prompts, padId, 'right');
    this.#memory = scope(() =>
      noGrad(() => this.#model.encode({ input, hooks: this.#encoderHooks(this.#batchRows) }).memory),
    );
    return this.#forward(this.#sequences);
  }

  step(parents: readonly number[], tokens: readonly number[]): Promise<NextScores> {
    if (parents.length !== this.#batchRows.length || parents.some((parent, row) => parent !== row)) {
      const hostRows = Int32Array.from(parents);
      scope(() => noGrad(() => this.#cache?.select(tensor(hostRows), hostRows)));
      this.#batchRows = hostRows.map((parent) => this.#batchRows[parent]!);
    }
    this.#sequences = parents.map((parent, row) => [...this.#sequences[parent]!, tokens[row]!]);
    return this.#forward(this.#cache ? tokens.map((token) => [token]) : this.#sequences);
  }

  /** Frees the memory and the cache. */
  dispose(): void {
    this.#cache?.dispose();
    this.#memory?.hiddenStates.dispose();
    this.#memory?.keyMask?.dispose();
  }

  /** @param texts what the decoder reads: as many tokens for each row. */
  #forward(texts: readonly (readonly number[])[]): Promise<NextScores> {
    const decoderInput = padTokens(texts, this.#model.config.padId, 'right');
    const { batch, tokens } = decoderInput;
    const lastRows = Int32Array.from({ length: batch }, (_, row) => (row + 1) * tokens - 1);
    return readNextScores(
      () => {
        const { logits } = this.#model.forward({
          decoderInput,
          hooks: this.#hooks(this.#batchRows),
          ...(this.#cache ? { cache: this.#cache } : {}),
          ...(this.#cache?.hasMemory ? {} : { memory: this.#memoryOfRows() }),
          logitRows: tensor(lastRows),
        });
        return this.#normalized ? logSoftmax(logits) : logits;
      },
      this.#signal,
      this.#best,
    );
  }

  #memoryOfRows(): Sequence {
    const { hiddenStates, keyMask, ...rest } = this.#memory!;
    const rows = tensor(this.#batchRows);
    return {
      ...rest,
      hiddenStates: gatherRows(hiddenStates, rows),
      keyMask: keyMask && gatherRows(keyMask, rows),
    };
  }
}
