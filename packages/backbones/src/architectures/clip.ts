import { add, concat, layerNorm, reshape, slice, type Tensor } from '@ocelli/ops';
import { Convolution } from '../model/convolution.js';
import type { EncoderConfig } from '../model/encoder.js';
import { EncoderBlock } from '../model/encoder-block.js';
import { type EncoderBlockCall, EncoderModel } from '../model/encoder-model.js';
import { type Grid, interpolatePositions } from '../model/interpolate-positions.js';
import { repeatTokens } from '../model/special-tokens.js';
import { type BackboneOptions, type NormWeights, type WeightSource, Weights } from '../model/weights.js';
import type { ClipVisionConfig } from './clip-config.js';
import { gridOf } from './encoder-config.js';

/**
 * CLIP's vision tower (Radford et al. 2021, arXiv 2103.00020), a ViT with a norm before the blocks too. Its final norm is
 * for the class token: `lastHiddenState` is before it, as in transformers, and `pooled` is the class token after it.
 * Features of `encodeFeatures` all have it, as of any encoder. The projection to the space shared with texts is not read.
 */
export class ClipVisionModel extends EncoderModel {
  readonly config: EncoderConfig;
  readonly #clip: ClipVisionConfig;
  readonly #grids: readonly [stored: Grid, used: Grid];
  readonly #classToken: Tensor;
  readonly #positions: Tensor;
  readonly #patches: Convolution;
  readonly #firstNorm: NormWeights;
  readonly #blocks: EncoderBlock[];
  readonly #finalNorm: NormWeights;

  constructor(
    clip: ClipVisionConfig,
    source: WeightSource,
    fingerprint: string,
    options: BackboneOptions & { trainable?: boolean } = {},
  ) {
    const weights = new Weights(source, { trainable: options.trainable ?? false, dtype: options.dtype });
    super(weights, fingerprint);
    const { width, patchSize, channels, feedForwardWidth } = clip;
    const imageSize = options.imageSize ?? clip.imageSize;
    const stored = gridOf(clip.imageSize, patchSize, source.description);
    const used = gridOf(imageSize, patchSize, source.description);
    this.#clip = clip;
    this.#grids = [stored, used];
    this.config = {
      modality: 'image',
      inputName: 'pixel_values',
      inputShape: [channels, ...imageSize],
      layers: clip.layers,
      width,
      tokens: 1 + used[0] * used[1],
      hasClassToken: true,
    };
    this.#classToken = weights.tensor('embeddings.class_embedding', [width]);
    this.#positions = weights.tensor('embeddings.position_embedding.weight', [
      1 + stored[0] * stored[1],
      width,
    ]);
    const kernel = [width, channels, patchSize, patchSize];
    this.#patches = new Convolution(weights, 'embeddings.patch_embedding', kernel, { hasBias: false });
    this.#firstNorm = weights.norm('pre_layrnorm', width); // so spelled in the checkpoints
    this.#blocks = Array.from({ length: clip.layers }, (_, layer) => {
      const block = `encoder.layers.${layer}`;
      return new EncoderBlock(
        {
          attentionNorm: weights.norm(`${block}.layer_norm1`, width),
          query: weights.linear(`${block}.self_attn.q_proj`, width, width, true),
          key: weights.linear(`${block}.self_attn.k_proj`, width, width, true),
          value: weights.linear(`${block}.self_attn.v_proj`, width, width, true),
          output: weights.linear(`${block}.self_attn.out_proj`, width, width, true),
          feedForwardNorm: weights.norm(`${block}.layer_norm2`, width),
          up: weights.linear(`${block}.mlp.fc1`, feedForwardWidth, width, true),
          down: weights.linear(`${block}.mlp.fc2`, width, feedForwardWidth, true),
        },
        clip,
      );
    });
    this.#finalNorm = weights.norm('post_layernorm', width);
  }

  normalize(x: Tensor): Tensor {
    return layerNorm(x, { ...this.#finalNorm, epsilon: this.#clip.epsilon });
  }

  protected embed(pixels: Tensor): Tensor {
    const { width } = this.config;
    const classTokens = repeatTokens(reshape(this.#classToken, [1, 1, width]), pixels.shape[0]!);
    const stored = reshape(this.#positions, [1, -1, width]);
    const positions = interpolatePositions(stored, ...this.#grids, { antialias: false });
    const x = add(concat([classTokens, this.#patches.forward(pixels)], 1), positions); // [batch, tokens, width]
    return layerNorm(x, { ...this.#firstNorm, epsilon: this.#clip.epsilon });
  }

  protected block(call: EncoderBlockCall): Tensor {
    return this.#blocks[call.layer]!.forward(call);
  }

  protected override finish(x: Tensor): Tensor {
    return x;
  }

  protected override pool(x: Tensor): Tensor {
    return this.normalize(reshape(slice(x, 1, 0, 1), [x.shape[0]!, this.config.width]));
  }
}
