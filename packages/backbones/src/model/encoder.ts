import type { Tensor } from '@ocelli/ops';
import type { HookList } from './hooks.js';
import type { RecomputedLayers } from './run-block.js';

export interface EncoderConfig {
  readonly layers: number;
  readonly width: number;
  /** Tokens of one input, the class token first. */
  readonly tokens: number;
  readonly channels: number;
  /** Height and width in pixels. */
  readonly imageSize: readonly [number, number];
}

export interface EncoderOptions {
  readonly hooks?: HookList;
  readonly outputHiddenStates?: boolean;
  /** Blocks that run again in the backward pass, for less memory. Default: none. */
  readonly recompute?: RecomputedLayers;
}

export interface EncoderOutput {
  /** After the final norm: `[batch, tokens, width]`. */
  readonly lastHiddenState: Tensor;
  /** Before the final norm: the embeddings, then each block's output; empty unless asked for. */
  readonly hiddenStates: readonly Tensor[];
}

/** A frozen encoder of one modality. */
export interface Encoder {
  readonly config: EncoderConfig;
  /** Identifies architecture and weights; keys the feature cache. */
  readonly fingerprint: string;
  readonly parameterCount: number;
  /** @param pixels `[batch, channels, height, width]`, as the model's own processor makes them. */
  forward(pixels: Tensor, options?: EncoderOptions): EncoderOutput;
  /** The encoder's final norm: `[..., width]` → `[..., width]`. */
  normalize(x: Tensor): Tensor;
  unfreeze(names: readonly string[]): ReadonlyMap<string, Tensor>;
  dispose(): void;
}
