import type { EncoderConfig, FeatureRequest, HookList, LanguageModelConfig } from '@ocelli/backbones';
import type { Random, Tensor } from '@ocelli/ops';
import type { z } from 'zod';

/** What an adapter is fitted to. */
export interface AdapterContext {
  readonly languageModel: LanguageModelConfig;
  readonly encoder: EncoderConfig;
  /** For initial values. */
  readonly random: Random;
}

/** A trainable tensor and the group whose learning rate it follows. */
export interface AdapterParameter {
  readonly tensor: Tensor;
  readonly group: 'projection' | 'prompt' | 'adapter';
}

/** Small trainable parts between a frozen encoder and a frozen language model. */
export interface Adapter {
  readonly name: string;
  /** The complete configuration, defaults filled in: with the tensors, all there is to save. */
  readonly config: unknown;
  /** What it reads from the encoder. */
  readonly features: FeatureRequest;
  /** Trainable tensors under the names that they are saved by. */
  readonly parameters: ReadonlyMap<string, AdapterParameter>;
  /** Tensors that are saved but not trained. */
  readonly buffers: ReadonlyMap<string, Tensor>;
  /**
   * Whether a token's result depends on the image and the earlier tokens of its sample alone. Then neither a key-value
   * cache nor packing changes anything; if not, `generate` needs `cached: false`, and training pads.
   */
  readonly causal: boolean;
  /**
   * What it does to the language model for one batch, padded or packed.
   *
   * @param features `[batch, layers, tokens, width]` as `features` asks for.
   */
  hooks(features: Tensor): HookList;
  dispose(): void;
}

/** A method: how its configuration reads and how it is built. */
export interface AdapterMethod<Schema extends z.ZodType = z.ZodType> {
  readonly name: string;
  /** One sentence with the source. */
  readonly description: string;
  readonly schema: Schema;
  create(config: z.infer<Schema>, context: AdapterContext): Adapter;
}
