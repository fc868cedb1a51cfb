import {
  add,
  attention,
  concat,
  full,
  layerNorm,
  linear,
  normal,
  OcelliError,
  patchify,
  type Random,
  reshape,
  type Shape,
  type Tensor,
  zeros,
} from '@ocelli/ops';
import { applyLinear, type LinearFollowers } from '../model/apply-linear.js';
import { atSite } from '../model/at-site.js';
import type { Encoder, EncoderConfig, EncoderOptions, EncoderOutput } from '../model/encoder.js';
import type { HookList, LinearName, Site } from '../model/hooks.js';
import { runBlock } from '../model/run-block.js';
import {
  type BackboneOptions,
  initialWeights,
  type Linear,
  type NormWeights,
  type WeightSource,
  Weights,
} from '../model/weights.js';
import type { VitConfig } from './vit-config.js';
import { fromTimmNames } from './vit-timm.js';

interface Block {
  attentionNorm: NormWeights;
  query: Linear;
  key: Linear;
  value: Linear;
  output: Linear;
  feedForwardNorm: NormWeights;
  up: Linear;
  down: Linear;
}

/**
 * ViT (Dosovitskiy et al. 2020, arXiv 2010.11929), pre-LN, with a class token and learned positions. Reads Hugging
 * Face's names and timm's (AugReg, Steiner et al. 2021, arXiv 2106.10270).
 */
export class VitModel implements Encoder {
  readonly config: EncoderConfig;
  readonly #vit: VitConfig;
  readonly #weights: Weights;
  readonly #classToken: Tensor;
  readonly #positions: Tensor;
  readonly #patchWeight: Tensor;
  readonly #patchBias: Tensor;
  readonly #blocks: Block[];
  readonly #finalNorm: NormWeights;

  constructor(
    vit: VitConfig,
    source: WeightSource,
    readonly fingerprint: string,
    options: BackboneOptions & { trainable?: boolean } = {},
  ) {
    const { width, patchSize, channels } = vit;
    const [height, imageWidth] = vit.imageSize;
    const tokens = (height / patchSize) * (imageWidth / patchSize) + 1;
    this.#vit = vit;
    this.config = { layers: vit.layers, width, tokens, channels, imageSize: vit.imageSize };
    const named = vit.convention === 'timm' ? fromTimmNames(source) : source;
    const weights = new Weights(named, { trainable: options.trainable ?? false, dtype: options.dtype });
    this.#weights = weights;
    this.#classToken = weights.tensor('embeddings.cls_token', [1, 1, width]);
    this.#positions = weights.tensor('embeddings.position_embeddings', [1, tokens, width]);
    const patches = 'embeddings.patch_embeddings.projection';
    this.#patchWeight = weights.tensor(`${patches}.weight`, [width, channels, patchSize, patchSize]);
    this.#patchBias = weights.tensor(`${patches}.bias`, [width]);
    const bias = vit.queryKeyValueBias;
    this.#blocks = Array.from({ length: vit.layers }, (_, layer) => {
      const block = `encoder.layer.${layer}`;
      return {
        attentionNorm: weights.norm(`${block}.layernorm_before`, width),
        query: weights.linear(`${block}.attention.attention.query`, width, width, bias),
        key: weights.linear(`${block}.attention.attention.key`, width, width, bias),
        value: weights.linear(`${block}.attention.attention.value`, width, width, bias),
        output: weights.linear(`${block}.attention.output.dense`, width, width, true),
        feedForwardNorm: weights.norm(`${block}.layernorm_after`, width),
        up: weights.linear(`${block}.intermediate.dense`, vit.feedForwardWidth, width, true),
        down: weights.linear(`${block}.output.dense`, width, vit.feedForwardWidth, true),
      };
    });
    this.#finalNorm = weights.norm('layernorm', width);
  }

  /** A new model to train: truncated to plain normal weights N(0, 0.02), biases 0, norms 1. */
  static initialize(vit: VitConfig, random: Random): VitModel {
    return new VitModel(vit, initialWeights(random, initialVitTensor), 'untrained', { trainable: true });
  }

  get parameterCount(): number {
    return this.#weights.parameterCount;
  }

  /** Every tensor under Hugging Face's name; needs a trainable model. */
  namedParameters(): ReadonlyMap<string, Tensor> {
    return this.#weights.named();
  }

  unfreeze(names: readonly string[]): ReadonlyMap<string, Tensor> {
    return this.#weights.unfreeze(names);
  }

  forward(pixels: Tensor, options: EncoderOptions = {}): EncoderOutput {
    const { hooks = [], outputHiddenStates = false, recompute: recomputed } = options;
    const { channels, imageSize, width, layers } = this.config;
    const [batch] = pixels.shape as [number];
    if (
      pixels.rank !== 4 ||
      pixels.shape[1] !== channels ||
      pixels.shape[2] !== imageSize[0] ||
      pixels.shape[3] !== imageSize[1]
    ) {
      throw new OcelliError(
        'vit',
        `pixels must be [batch, ${channels}, ${imageSize.join(', ')}], got [${pixels.shape.join(', ')}]; resize with the model's image processor`,
      );
    }
    const patches = patchify(pixels, this.#vit.patchSize); // [batch, patches, channels * patch * patch]
    const kernel = reshape(this.#patchWeight, [width, channels * this.#vit.patchSize ** 2]);
    const classTokens = add(zeros([batch, 1, width]), this.#classToken);
    let x = concat([classTokens, linear(patches, kernel, this.#patchBias)], 1); // [batch, tokens, width]
    x = atSite(hooks, 'embeddings', 0, add(x, this.#positions), { batch, pastTokens: 0 });
    const hiddenStates = outputHiddenStates ? [x] : [];
    for (let layer = 0; layer < layers; layer++) {
      const input = x;
      x = runBlock(layer, [input], { hooks, recomputed }, () => this.#block(layer, input, hooks));
      if (outputHiddenStates) hiddenStates.push(x);
      else if (layer > 0 && x !== input && !hooks.some((hook) => hook.tap)) input.dispose();
    }
    return {
      lastHiddenState: atSite(hooks, 'final', layers, this.normalize(x), { batch, pastTokens: 0 }),
      hiddenStates,
    };
  }

  normalize(x: Tensor): Tensor {
    return this.#norm(x, this.#finalNorm);
  }

  dispose(): void {
    this.#weights.dispose();
  }

  #norm(x: Tensor, weights: NormWeights): Tensor {
    return layerNorm(x, { weight: weights.weight, bias: weights.bias, epsilon: this.#vit.epsilon });
  }

  #block(layer: number, input: Tensor, hooks: HookList): Tensor {
    const block = this.#blocks[layer]!;
    const context = { batch: input.shape[0]!, pastTokens: 0 };
    let residual = input; // [batch, tokens, width]
    for (const hook of hooks) {
      residual =
        hook.override?.(layer, { hiddenStates: residual, keyMask: null, lengths: null, fullRows: 0 }, context)
          .hiddenStates ?? residual;
    }
    const apply = (name: Exclude<LinearName, 'gate'>, x: Tensor, followers?: LinearFollowers): Tensor =>
      applyLinear(block[name], { name, layer, hooks }, x, followers);
    const site = (name: Site) => (x: Tensor) => atSite(hooks, name, layer, x, context);
    let x = site('attention.in')(this.#norm(residual, block.attentionNorm));
    const query = apply('query', x);
    x = attention(query, apply('key', x), apply('value', x), { heads: this.#vit.heads });
    for (const hook of hooks) {
      const extra = hook.keyValues?.(layer, query, context);
      if (extra) x = add(x, extra);
    }
    residual = apply('output', x, { atSite: site('attention.out'), residual });
    x = site('feedForward.in')(this.#norm(residual, block.feedForwardNorm));
    x = apply('up', x, { activation: 'gelu' }); // [batch, tokens, feedForwardWidth]
    x = apply('down', x, { atSite: site('feedForward.out'), residual });
    return site('block.out')(x);
  }
}

function initialVitTensor(name: string, shape: Shape, random: Random): Tensor {
  if (name.endsWith('.bias')) return zeros(shape);
  if (name.includes('layernorm')) return full(shape, 1);
  return normal(random, shape, 0.02);
}
