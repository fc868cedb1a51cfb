import type { CrossEntropyOptions, Tensor } from '@ocelli/ops';
import type { DecodingRules } from './decoding-rules.js';
import type { EncoderDecoderCache } from './encoder-decoder-cache.js';
import type { HookList } from './hooks.js';
import type { LanguageModelOutput, TokenBatch } from './language-model.js';
import type { RecomputedLayers } from './run-block.js';
import type { Sequence } from './sequence.js';

export interface EncoderDecoderConfig {
  readonly encoderLayers: number;
  readonly decoderLayers: number;
  /** Of both stacks, of token embeddings and of soft prompts. */
  readonly width: number;
  readonly encoderHeads: number;
  readonly decoderHeads: number;
  readonly vocabularySize: number;
  /** Of the encoder's text, and of the decoder's; Infinity where positions are relative. */
  readonly maxPositions: number;
  /** The decoder's first token. */
  readonly decoderStartId: number;
  readonly endId: number;
  readonly padId: number;
  /** What the checkpoint demands of every generated text. */
  readonly decodingRules: DecodingRules;
}

/** A call of the encoder. */
export interface EncodeInput {
  readonly input: TokenBatch;
  /** Used in place of the embeddings of `input.ids`: `[batch, tokens, width]`. */
  readonly inputEmbeddings?: Tensor;
  /** The encoder's hooks: what they splice stands before the text, without positions. */
  readonly hooks?: HookList;
  /** Blocks that run again in the backward pass, for less memory. Default: none. */
  readonly recompute?: RecomputedLayers;
  /** Also return every hidden state, as transformers counts them (0 = embedding output). */
  readonly outputHiddenStates?: boolean;
}

export interface EncodeOutput {
  /** What the decoder's cross-attention reads: text and spliced rows after the final norm, and their mask. */
  readonly memory: Sequence;
  /** The memory's text positions: `[batch, tokens, width]`. */
  readonly lastHiddenState: Tensor;
  readonly hiddenStates: readonly Tensor[];
}

/** A call of the whole model. What is said of rows, logits and states is about the decoder's text. */
export interface EncoderDecoderInput {
  /** Text to encode. Left out if there is a `memory`, or a `cache` that has read one. */
  readonly input?: TokenBatch;
  /** Used in place of the embeddings of `input.ids`: `[batch, tokens, width]`. */
  readonly inputEmbeddings?: Tensor;
  /** The encoder's hooks; they run only if there is an `input`. */
  readonly encoderHooks?: HookList;
  /** What `encode` gave, in place of `input`. */
  readonly memory?: Sequence;
  /** Begins with `decoderStartId`; with a cache, only the new tokens. */
  readonly decoderInput: TokenBatch;
  /** Used in place of the embeddings of `decoderInput.ids`: `[batch, tokens, width]`. */
  readonly decoderInputEmbeddings?: Tensor;
  /** The decoder's hooks. */
  readonly hooks?: HookList;
  readonly cache?: EncoderDecoderCache;
  /** Rows of the flattened text positions to compute logits for, int32 `[rows]`; all of them by default. */
  readonly logitRows?: Tensor;
  /** Blocks of either stack that run again in the backward pass. Default: none. The decoder's not with a cache. */
  readonly recompute?: RecomputedLayers;
  /** Also return every hidden state of the decoder, as transformers counts them (0 = embedding output). */
  readonly outputHiddenStates?: boolean;
}

/** A frozen encoder-decoder language model. Its two stacks have hooks of their own. */
export interface EncoderDecoder {
  readonly config: EncoderDecoderConfig;
  /** Identifies architecture and weights; an adapter remembers the one it was trained for. */
  readonly fingerprint: string;
  /** Number of parameters, tied weights counted once. */
  readonly parameterCount: number;
  encode(call: EncodeInput): EncodeOutput;
  forward(call: EncoderDecoderInput): LanguageModelOutput;
  /**
   * `crossEntropy(logits, targets, options)` of what `forward(call)` gives, without storing the logits: what to train on.
   *
   * @param targets int32, the token to predict at each of `call.logitRows`, by default at each of the
   *   `[batch * tokens]` positions of `decoderInput`.
   * @returns a scalar, or a loss per row for the reduction `none`.
   */
  loss(call: EncoderDecoderInput, targets: Tensor, options?: CrossEntropyOptions): Tensor;
  /** Token embeddings without positions, of either stack: ids int32 `[batch, tokens]` → `[batch, tokens, width]`. */
  embed(ids: Tensor): Tensor;
  /** A cache for decoding. */
  createCache(): EncoderDecoderCache;
  /** Makes the tensors that match these names trainable; an unmatched name is an error. */
  unfreeze(names: readonly string[]): ReadonlyMap<string, Tensor>;
  dispose(): void;
}
