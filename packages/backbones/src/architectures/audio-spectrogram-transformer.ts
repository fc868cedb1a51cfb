import {
  add,
  concat,
  layerNorm,
  mean,
  type Random,
  reshape,
  slice,
  type Tensor,
  transpose,
} from '@ocelli/ops';
import { Convolution } from '../model/convolution.js';
import type { EncoderConfig } from '../model/encoder.js';
import type { EncoderBlock } from '../model/encoder-block.js';
import { type EncoderBlockCall, EncoderModel } from '../model/encoder-model.js';
import { repeatTokens } from '../model/special-tokens.js';
import {
  type BackboneOptions,
  initialWeights,
  type NormWeights,
  type WeightSource,
  Weights,
} from '../model/weights.js';
import type { AudioSpectrogramTransformerConfig } from './audio-spectrogram-transformer-config.js';
import { initialVitTensor } from './vit.js';
import { vitBlock } from './vit-block.js';

/**
 * AST (Gong et al. 2021, arXiv 2104.01778): DeiT over a spectrogram cut into patches that overlap. The class token is what
 * eP-ALM reads; transformers pools it with the distillation token.
 */
export class AudioSpectrogramTransformerModel extends EncoderModel {
  readonly config: EncoderConfig;
  readonly #ast: AudioSpectrogramTransformerConfig;
  readonly #classToken: Tensor;
  readonly #distillationToken: Tensor;
  readonly #positions: Tensor;
  readonly #patches: Convolution;
  readonly #blocks: EncoderBlock[];
  readonly #finalNorm: NormWeights;

  constructor(
    ast: AudioSpectrogramTransformerConfig,
    source: WeightSource,
    fingerprint: string,
    options: BackboneOptions & { trainable?: boolean } = {},
  ) {
    const weights = new Weights(source, { trainable: options.trainable ?? false, dtype: options.dtype });
    super(weights, fingerprint);
    const { width, patchSize, stride, frames, bins } = ast;
    const down = Math.floor((bins - patchSize) / stride[0]) + 1;
    const across = Math.floor((frames - patchSize) / stride[1]) + 1;
    const tokens = 2 + down * across;
    this.#ast = ast;
    this.config = {
      modality: 'audio',
      inputName: 'input_values',
      inputShape: [frames, bins],
      layers: ast.layers,
      width,
      tokens,
      hasClassToken: true,
    };
    this.#classToken = weights.tensor('embeddings.cls_token', [1, 1, width]);
    this.#distillationToken = weights.tensor('embeddings.distillation_token', [1, 1, width]);
    this.#positions = weights.tensor('embeddings.position_embeddings', [1, tokens, width]);
    const kernel = [width, 1, patchSize, patchSize];
    this.#patches = new Convolution(weights, 'embeddings.patch_embeddings.projection', kernel, { stride });
    this.#blocks = Array.from({ length: ast.layers }, (_, layer) => vitBlock(weights, layer, ast));
    this.#finalNorm = weights.norm('layernorm', width);
  }

  /** A new model to train: truncated to plain normal weights N(0, 0.02), biases 0, norms 1. */
  static initialize(
    ast: AudioSpectrogramTransformerConfig,
    random: Random,
  ): AudioSpectrogramTransformerModel {
    const source = initialWeights(random, initialVitTensor);
    return new AudioSpectrogramTransformerModel(ast, source, 'untrained', { trainable: true });
  }

  normalize(x: Tensor): Tensor {
    return layerNorm(x, { ...this.#finalNorm, epsilon: this.#ast.epsilon });
  }

  protected embed(spectrograms: Tensor): Tensor {
    const [batch, frames, bins] = spectrograms.shape as [number, number, number];
    const pictures = reshape(transpose(spectrograms), [batch, 1, bins, frames]);
    const rows = [
      repeatTokens(this.#classToken, batch),
      repeatTokens(this.#distillationToken, batch),
      this.#patches.forward(pictures), // [batch, patches, width], all frames of the lowest bins first
    ];
    return add(concat(rows, 1), this.#positions); // [batch, tokens, width]
  }

  protected block(call: EncoderBlockCall): Tensor {
    return this.#blocks[call.layer]!.forward(call);
  }

  /** The mean of the class and the distillation token. */
  protected override pool(x: Tensor): Tensor {
    return mean(slice(x, 1, 0, 2), { axis: 1 });
  }
}
