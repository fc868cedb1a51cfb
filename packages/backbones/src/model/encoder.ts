import { OcelliError, type Tensor } from '@ocelli/ops';
import type { HookList } from './hooks.js';
import type { RecomputedLayers } from './run-block.js';

export interface EncoderConfig {
  readonly modality: 'image' | 'video' | 'audio';
  /** The name of the input in transformers, and in the fixtures of `verifyBackbone`. */
  readonly inputName: 'pixel_values' | 'input_values' | 'input_features';
  /**
   * One input, as the model's own processor makes it: pictures `[channels, height, width]`, videos
   * `[frames, channels, height, width]`, spectrograms `[frames, bins]` (AST) or `[bins, frames]` (Whisper).
   */
  readonly inputShape: readonly number[];
  readonly layers: number;
  readonly width: number;
  /** Tokens of one input, the class token first if there is one. */
  readonly tokens: number;
  /** Without a class token, features of `class` are the mean over all tokens. */
  readonly hasClassToken: boolean;
}

export interface EncoderOptions {
  readonly hooks?: HookList;
  readonly outputHiddenStates?: boolean;
  /** Blocks that run again in the backward pass, for less memory. Default: none. */
  readonly recompute?: RecomputedLayers;
}

export interface EncoderOutput {
  /** After the final norm (CLIP: before it, as transformers counts): `[batch, tokens, width]`. */
  readonly lastHiddenState: Tensor;
  /** transformers' `pooler_output`, `[batch, width]`; null where there is none, or where a head computes it (ViT, DeiT). */
  readonly pooled: Tensor | null;
  /** Before the final norm: the embeddings, then each block's output; empty unless asked for. */
  readonly hiddenStates: readonly Tensor[];
}

/** A frozen encoder of one modality. */
export interface Encoder {
  readonly config: EncoderConfig;
  /** Identifies architecture and weights; keys the feature cache. */
  readonly fingerprint: string;
  readonly parameterCount: number;
  /** @param input `[batch, ...inputShape]`, as the model's own processor makes it. */
  forward(input: Tensor, options?: EncoderOptions): EncoderOutput;
  /** The encoder's final norm: `[..., width]` → `[..., width]`. */
  normalize(x: Tensor): Tensor;
  unfreeze(names: readonly string[]): ReadonlyMap<string, Tensor>;
  dispose(): void;
}

/** Height and width in pixels of what an encoder of pictures or videos sees; one of sound is an error. */
export function imageSizeOf({
  modality,
  inputShape,
}: EncoderConfig): readonly [height: number, width: number] {
  const [height, width] = inputShape.slice(-2);
  if (modality !== 'audio') return [height!, width!];
  throw new OcelliError('encoder', `this encoder takes audio, not pictures; give one of pictures`);
}
