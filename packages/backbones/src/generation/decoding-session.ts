import { type Capture, capture, device, logSoftmax, noGrad, scope, type Tensor, tensor } from '@ocelli/ops';
import type { HookList } from '../model/hooks.js';
import type { KeyValueCache } from '../model/key-value-cache.js';
import type { LanguageModel, TokenBatch } from '../model/language-model.js';
import type { NextScores } from './next-scores.js';
import { padTokens } from './pad-tokens.js';
import type { Prefix } from './prefix.js';
import { type NextTensors, nextTensors, readNextScores, readNextTensors, readScores } from './read-scores.js';

/**
 * The hooks of a step: row i of the batch continues prompt `batchRows[i]`. Called anew whenever the batch has changed, since
 * sequences leave it as they finish and beams repeat a prompt's row, and now and then besides; steps in between are replayed
 * (`capture` of @ocelli/ops), unless a hook taps: so what hooks do must not depend on how often they are called, on
 * `pastTokens` beyond whether there are any, or on chance. Tensors that it makes are freed.
 */
export type BatchHooks = (batchRows: Int32Array) => HookList;

/** What a session decodes with. */
export interface SessionOptions {
  /** Hooks of an adapter, given the prompts that the rows of the present batch belong to. */
  readonly hooks?: BatchHooks;
  /** Likewise the hooks of an encoder-decoder model's encoder, asked for once; `hooks` are its decoder's. */
  readonly encoderHooks?: BatchHooks;
  /** Stops the work: the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /**
   * Default true. Without a key-value cache every step runs the whole text again: for hooks through which earlier tokens
   * see later ones.
   */
  readonly cached?: boolean;
}

/** What a session is told by its search beside what the user says. */
export interface SessionSettings extends SessionOptions {
  /** What every prompt continues; it brings the hooks. */
  readonly prefix?: Prefix;
  /** Default true: steps return log-probabilities; else the logits that they are made of. */
  readonly normalized?: boolean;
  /** Steps return so many of each row, the best; all by default. */
  readonly best?: number | undefined;
}

/** A step that the device makes again, for the tokens that `input` holds then. */
interface ReplayedStep {
  readonly input: TokenBatch;
  readonly captured: Capture<NextTensors>;
}

/** Tokens of each prompt that are run at once: enough for full speed, few enough to stop in between. */
const prefillTokens = 256;

/**
 * A batch of sequences that grow by one token at a time, with their key-value cache unless it is not wanted. Rows may be
 * repeated, re-ordered and dropped between steps.
 */
export class DecodingSession {
  readonly #model: LanguageModel;
  readonly #hooks: BatchHooks;
  readonly #signal: AbortSignal | undefined;
  readonly #normalized: boolean;
  readonly #best: number | undefined;
  readonly #prefix: Prefix | undefined;
  #cache: KeyValueCache | null;
  #batchRows: Int32Array = new Int32Array();
  /** All tokens of each row; kept only without a cache. */
  #sequences: readonly (readonly number[])[] = [];
  #replayed: ReplayedStep | null = null;
  /** Whether the step before had the same batch; beams, which change places at every step, are not worth a capture. */
  #isRepeating = false;
  /** Whether a hook reads activations, of which replays would tell it nothing. */
  #isTapped = false;

  constructor(model: LanguageModel, settings: SessionSettings = {}) {
    const { hooks, signal, cached = true, prefix, normalized = true, best } = settings;
    this.#model = model;
    this.#hooks = prefix ? (rows) => prefix.hooks(rows.length) : (hooks ?? (() => []));
    this.#signal = signal;
    this.#normalized = normalized;
    this.#best = best;
    this.#prefix = prefix;
    this.#cache = cached && !prefix ? model.createCache() : null;
  }

  /** Runs all prompts, long ones in parts. Returns log-probabilities (or logits) of their next tokens, a row a prompt. */
  async begin(prompts: readonly (readonly number[])[]): Promise<NextScores> {
    this.#batchRows = Int32Array.from(prompts.keys());
    if (this.#prefix) this.#cache = this.#prefix.createCache(prompts.length);
    const input = padTokens(prompts, this.#model.config.padId, 'left');
    if (!this.#cache) {
      this.#sequences = prompts;
      return this.#forward(input);
    }
    let begin = 0;
    for (; input.tokens - begin > prefillTokens; begin += prefillTokens) {
      this.#signal?.throwIfAborted();
      // What a part leaves is in the cache; waiting for it gives the signal its chance.
      scope(() => {
        noGrad(() => this.#run(columns(input, begin, begin + prefillTokens)));
      });
      await device.synchronize();
    }
    return this.#forward(columns(input, begin, input.tokens));
  }

  /**
   * Continues with rows `parents` of the batch, in this order, each followed by its token. Returns log-probabilities (or
   * logits), a row a parent.
   */
  step(parents: readonly number[], tokens: readonly number[]): Promise<NextScores> {
    const batch = parents.length;
    if (batch !== this.#batchRows.length || parents.some((parent, row) => parent !== row)) {
      this.#forgetReplayed();
      this.#isRepeating = false;
      const hostRows = Int32Array.from(parents);
      scope(() => noGrad(() => this.#cache?.select(tensor(hostRows), hostRows)));
      this.#batchRows = hostRows.map((parent) => this.#batchRows[parent]!);
    }
    if (!this.#cache) {
      this.#sequences = parents.map((parent, row) => [...this.#sequences[parent]!, tokens[row]!]);
      return this.#forward(padTokens(this.#sequences, this.#model.config.padId, 'left'));
    }
    const { capturesSteps } = this.#model;
    if (capturesSteps && this.#isRepeating && !this.#isTapped && this.#cache.hasRoom)
      return this.#replay(tokens);
    this.#forgetReplayed();
    this.#isRepeating = true;
    return this.#forward(nextInput(tokens));
  }

  /** A step like the one before, but for its tokens and for where they stand. */
  async #replay(tokens: readonly number[]): Promise<NextScores> {
    this.#signal?.throwIfAborted();
    if (this.#replayed) {
      this.#replayed.input.ids.set(tokens);
      this.#replayed.captured.replay();
    } else {
      const input = nextInput(tokens);
      const captured = capture(() => noGrad(() => nextTensors(this.#scores(input), this.#best)));
      this.#replayed = { input, captured };
    }
    return readNextTensors(this.#replayed.captured.result, this.#signal);
  }

  #forgetReplayed(): void {
    this.#replayed?.captured.dispose();
    for (const tensor of this.#replayed?.captured.result.tensors ?? []) tensor.dispose();
    this.#replayed = null;
  }

  /**
   * Log-probabilities of all but the first token of sequences that would follow rows `parents` of the batch, each given
   * what stands before it; the session stays where it is. With a cache only.
   *
   * @param sequences of at least two tokens.
   * @returns those of one sequence after another.
   */
  async score(parents: readonly number[], sequences: readonly (readonly number[])[]): Promise<Float32Array> {
    this.#signal?.throwIfAborted();
    const hostRows = Int32Array.from(parents);
    const cache = scope(() => noGrad(() => this.#cache!.copy(tensor(hostRows), hostRows)));
    try {
      const input = padTokens(
        sequences.map((sequence) => sequence.slice(0, -1)),
        this.#model.config.padId,
        'right',
      );
      const rows = sequences.flatMap(({ length }, row) =>
        Array.from({ length: length - 1 }, (_, token) => row * input.tokens + token),
      );
      const targets = Int32Array.from(sequences.flatMap((sequence) => sequence.slice(1)));
      const losses = await readScores(
        () =>
          this.#model.loss(
            {
              input,
              cache,
              hooks: this.#hooks(hostRows.map((parent) => this.#batchRows[parent]!)),
              logitRows: tensor(Int32Array.from(rows)),
            },
            tensor(targets),
            { reduction: 'none' },
          ),
        this.#signal,
      );
      return losses.map((loss) => -loss);
    } finally {
      cache.dispose();
    }
  }

  /** Frees the cache. */
  dispose(): void {
    this.#forgetReplayed();
    this.#cache?.dispose();
  }

  #forward(input: TokenBatch): Promise<NextScores> {
    return readNextScores(() => this.#scores(input), this.#signal, this.#best);
  }

  #scores(input: TokenBatch): Tensor {
    const logits = this.#run(input);
    return this.#normalized ? logSoftmax(logits) : logits;
  }

  /** Logits after each row's last token, `[batch, vocabulary]`. */
  #run(input: TokenBatch): Tensor {
    const lastRows = Int32Array.from({ length: input.batch }, (_, row) => (row + 1) * input.tokens - 1);
    const hooks = this.#hooks(this.#batchRows);
    this.#isTapped ||= hooks.some(({ tap }) => tap);
    const call = {
      input,
      hooks,
      ...(this.#cache ? { cache: this.#cache } : {}),
      logitRows: tensor(lastRows),
    };
    return this.#model.forward(call).logits;
  }
}

/** One more token for each sequence. */
function nextInput(tokens: readonly number[]): TokenBatch {
  const batch = tokens.length;
  return { batch, tokens: 1, ids: Int32Array.from(tokens), mask: new Uint8Array(batch).fill(1) };
}

/** Tokens `begin` to `end` of every row of a batch. */
function columns(input: TokenBatch, begin: number, end: number): TokenBatch {
  if (begin === 0 && end === input.tokens) return input;
  const tokens = end - begin;
  const ids = new Int32Array(input.batch * tokens);
  const mask = new Uint8Array(ids.length);
  for (let row = 0; row < input.batch; row++) {
    const from = row * input.tokens;
    ids.set(input.ids.subarray(from + begin, from + end), row * tokens);
    mask.set(input.mask.subarray(from + begin, from + end), row * tokens);
  }
  return { batch: input.batch, tokens, ids, mask };
}
