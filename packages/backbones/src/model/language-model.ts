import type { CrossEntropyOptions, Tensor } from '@ocelli/ops';
import type { HookList } from './hooks.js';
import type { KeyValueCache } from './key-value-cache.js';
import type { RecomputedLayers } from './run-block.js';

/** Token ids of a batch with its padding, on the host. */
export interface TokenBatch {
  readonly batch: number;
  readonly tokens: number;
  /** `[batch, tokens]`, row-major. */
  readonly ids: Int32Array;
  /** `[batch, tokens]`: 0 = padding. With a cache, only the new tokens; the cache remembers the others. */
  readonly mask: Uint8Array;
}

/** Token ids of a batch without padding, on the host: samples end to end, as training reads them. */
export interface PackedTokens {
  /** Tokens of each sample. */
  readonly lengths: readonly number[];
  /** The ids of one sample after another. */
  readonly ids: Int32Array;
}

export interface LanguageModelConfig {
  readonly layers: number;
  readonly width: number;
  /** Width of token embeddings and soft prompts; differs from `width` in OPT-350M. */
  readonly embeddingWidth: number;
  readonly heads: number;
  readonly vocabularySize: number;
  readonly maxPositions: number;
  readonly beginId: number;
  readonly endId: number;
  /** All tokens that end an answer, where there are several: `endId` is the first. */
  readonly endIds?: readonly number[];
  readonly padId: number;
}

/** A call of a language model. What is `[batch, tokens, ...]` here and in the output is `[1, tokens, ...]` if packed. */
export interface LanguageModelInput {
  /** Padded, or packed: that gives the same results without work for padding, but takes no cache. */
  readonly input: TokenBatch | PackedTokens;
  /** Used in place of the embeddings of `input.ids`: `[batch, tokens, embeddingWidth]`. */
  readonly inputEmbeddings?: Tensor;
  readonly hooks?: HookList;
  readonly cache?: KeyValueCache;
  /**
   * Rows of the flattened text positions, as `input.ids` counts them, to compute logits for, int32 `[rows]`; all of them
   * by default. Spliced and injected rows never count.
   */
  readonly logitRows?: Tensor;
  /** Blocks that run again in the backward pass, for less memory. Default: none. Not for calls with a cache. */
  readonly recompute?: RecomputedLayers;
  /** Also return every hidden state, as transformers counts them (0 = embedding output). */
  readonly outputHiddenStates?: boolean;
}

export interface LanguageModelOutput {
  /** `[rows, vocabulary]`: `rows` as chosen by `logitRows`, else `[batch, tokens, vocabulary]`. */
  readonly logits: Tensor;
  /** After the final norm, text positions only: `[batch, tokens, width]`. */
  readonly lastHiddenState: Tensor;
  readonly hiddenStates: readonly Tensor[];
}

/** A frozen decoder-only language model. */
export interface LanguageModel {
  readonly config: LanguageModelConfig;
  /** Identifies architecture and weights; an adapter remembers the one it was trained for. */
  readonly fingerprint: string;
  /** Number of parameters, tied weights counted once. */
  readonly parameterCount: number;
  /**
   * A decoding step with a cache that has room may be captured and replayed (`capture` of @ocelli/ops): all that differs from one
   * step to the next reaches the device by `hostTensor`. Default: it may not.
   */
  readonly capturesSteps?: boolean;
  forward(call: LanguageModelInput): LanguageModelOutput;
  /**
   * `crossEntropy(logits, targets, options)` of what `forward(call)` gives, without storing the logits: what to train on.
   *
   * @param targets int32, the token to predict at each of `call.logitRows`, by default at each of the
   *   `[batch * tokens]` text positions.
   * @returns a scalar, or a loss per row for the reduction `none`.
   */
  loss(call: LanguageModelInput, targets: Tensor, options?: CrossEntropyOptions): Tensor;
  /** Token embeddings without positions: ids int32 `[batch, tokens]` → `[batch, tokens, embeddingWidth]`. */
  embed(ids: Tensor): Tensor;
  /** A cache for decoding `batch` sequences. */
  createCache(): KeyValueCache;
  /** Makes the tensors that match these names trainable; an unmatched name is an error. */
  unfreeze(names: readonly string[]): ReadonlyMap<string, Tensor>;
  dispose(): void;
}
