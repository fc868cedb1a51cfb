import {
  add,
  concat,
  full,
  layerNorm,
  normal,
  type Random,
  type Shape,
  type Tensor,
  zeros,
} from '@ocelli/ops';
import { Convolution } from '../model/convolution.js';
import type { EncoderConfig } from '../model/encoder.js';
import type { EncoderBlock } from '../model/encoder-block.js';
import { type EncoderBlockCall, EncoderModel } from '../model/encoder-model.js';
import { type Grid, interpolatePositions } from '../model/interpolate-positions.js';
import { repeatTokens } from '../model/special-tokens.js';
import {
  type BackboneOptions,
  initialWeights,
  type NormWeights,
  type WeightSource,
  Weights,
} from '../model/weights.js';
import { gridOf } from './encoder-config.js';
import { fromAugRegNames, hasAugRegNames } from './vit-augreg-npz.js';
import { vitBlock } from './vit-block.js';
import type { VitConfig } from './vit-config.js';
import { fromTimmNames } from './vit-timm.js';

/**
 * ViT (Dosovitskiy et al. 2020, arXiv 2010.11929), pre-LN, with a class token and learned positions, and DeiT (Touvron et
 * al. 2020, arXiv 2012.12877), where a distillation token follows. Reads Hugging Face's names, timm's (AugReg, Steiner et
 * al. 2021, arXiv 2106.10270; AudioMAE, Huang et al. 2022, arXiv 2207.06405: pictures of one channel, `[1, frames, bins]`)
 * and those of AugReg's original files.
 */
export class VitModel extends EncoderModel {
  readonly config: EncoderConfig;
  readonly #vit: VitConfig;
  /** Of the positions in the checkpoint, and of the pictures that come. */
  readonly #grids: readonly [stored: Grid, used: Grid];
  readonly #classToken: Tensor;
  readonly #distillationToken: Tensor | null;
  readonly #positions: Tensor;
  readonly #patches: Convolution;
  readonly #blocks: EncoderBlock[];
  readonly #finalNorm: NormWeights;

  constructor(
    vit: VitConfig,
    source: WeightSource,
    fingerprint: string,
    options: BackboneOptions & { trainable?: boolean } = {},
  ) {
    const weights = new Weights(underHuggingFaceNames(vit, source), {
      trainable: options.trainable ?? false,
      dtype: options.dtype,
    });
    super(weights, fingerprint);
    const { width, patchSize, channels, imageSize: storedSize } = vit;
    const imageSize = options.imageSize ?? storedSize;
    const stored = gridOf(storedSize, patchSize, source.description);
    const used = gridOf(imageSize, patchSize, source.description);
    const special = vit.isDistilled ? 2 : 1;
    this.#vit = vit;
    this.#grids = [stored, used];
    this.config = {
      modality: 'image',
      inputName: 'pixel_values',
      inputShape: [channels, ...imageSize],
      layers: vit.layers,
      width,
      tokens: special + used[0] * used[1],
      hasClassToken: true,
    };
    this.#classToken = weights.tensor('embeddings.cls_token', [1, 1, width]);
    this.#distillationToken = vit.isDistilled
      ? weights.tensor('embeddings.distillation_token', [1, 1, width])
      : null;
    this.#positions = weights.tensor('embeddings.position_embeddings', [
      1,
      special + stored[0] * stored[1],
      width,
    ]);
    const kernel = [width, channels, patchSize, patchSize];
    this.#patches = new Convolution(weights, 'embeddings.patch_embeddings.projection', kernel);
    this.#blocks = Array.from({ length: vit.layers }, (_, layer) => vitBlock(weights, layer, vit));
    this.#finalNorm = weights.norm('layernorm', width);
  }

  /** A new model to train: truncated to plain normal weights N(0, 0.02), biases 0, norms 1. */
  static initialize(vit: VitConfig, random: Random): VitModel {
    return new VitModel(vit, initialWeights(random, initialVitTensor), 'untrained', { trainable: true });
  }

  normalize(x: Tensor): Tensor {
    return layerNorm(x, { ...this.#finalNorm, epsilon: this.#vit.epsilon });
  }

  protected embed(pixels: Tensor): Tensor {
    const [batch] = pixels.shape as [number];
    const tokens = [this.#classToken, this.#distillationToken].filter((token) => token !== null);
    const rows = [...tokens.map((token) => repeatTokens(token, batch)), this.#patches.forward(pixels)];
    const positions = interpolatePositions(this.#positions, ...this.#grids, { antialias: false });
    return add(concat(rows, 1), positions); // [batch, tokens, width]
  }

  protected block(call: EncoderBlockCall): Tensor {
    return this.#blocks[call.layer]!.forward(call);
  }
}

function underHuggingFaceNames(vit: VitConfig, source: WeightSource): WeightSource {
  if (hasAugRegNames(source)) return fromAugRegNames(source, vit.heads);
  return vit.convention === 'timm' ? fromTimmNames(source) : source;
}

/** How a tensor of a new ViT or AST begins. */
export function initialVitTensor(name: string, shape: Shape, random: Random): Tensor {
  if (name.endsWith('.bias')) return zeros(shape);
  if (name.includes('layernorm')) return full(shape, 1);
  return normal(random, shape, 0.02);
}
