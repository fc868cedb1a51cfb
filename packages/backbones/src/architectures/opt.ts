import {
  add,
  attention,
  embedding,
  full,
  layerNorm,
  normal,
  PackedWeight,
  type Random,
  type Shape,
  type Tensor,
  tensor,
  zeros,
} from '@ocelli/ops';
import { applyLinear, type LinearFollowers } from '../model/apply-linear.js';
import { atSite } from '../model/at-site.js';
import { type DecoderBlockCall, DecoderModel } from '../model/decoder-model.js';
import type { LinearName, Site } from '../model/hooks.js';
import type { LanguageModelConfig } from '../model/language-model.js';
import {
  type BackboneOptions,
  initialWeights,
  type Linear,
  type NormWeights,
  type WeightSource,
  Weights,
} from '../model/weights.js';
import type { OptConfig } from './opt-config.js';

/** The position table starts with two rows that no token uses: the offset of fairseq, row 1 is for padding. */
const positionOffset = 2;
const epsilon = 1e-5;

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
 * OPT (Zhang et al. 2022, arXiv 2205.01068): a decoder with ReLU feed-forwards, learned positions and a tied head.
 * Pre-LN with a final norm, except the 350M model: post-LN, no final norm, and linears between the width of the
 * embeddings and that of the blocks.
 */
export class OptModel extends DecoderModel {
  readonly config: LanguageModelConfig;
  protected readonly tokenTable: Tensor;
  readonly #opt: OptConfig;
  readonly #positionTable: Tensor;
  readonly #projectIn: Linear | null;
  readonly #projectOut: Linear | null;
  readonly #blocks: Block[];
  readonly #finalNorm: NormWeights | null;
  /** The token table once more, for as long as it is frozen. */
  #packedHead: PackedWeight | null;

  constructor(
    opt: OptConfig,
    source: WeightSource,
    fingerprint: string,
    options: BackboneOptions & { trainable?: boolean } = {},
  ) {
    const trainable = options.trainable ?? false;
    const { dtype } = options;
    const weights = new Weights(source, { trainable, dtype });
    super(weights, fingerprint);
    const width = opt.hidden_size;
    const embeddingWidth = opt.word_embed_proj_dim ?? width;
    this.#opt = opt;
    this.config = {
      layers: opt.num_hidden_layers,
      width,
      embeddingWidth,
      heads: opt.num_attention_heads,
      vocabularySize: opt.vocab_size,
      maxPositions: opt.max_position_embeddings,
      beginId: opt.bos_token_id,
      endId: opt.eos_token_id,
      padId: opt.pad_token_id,
    };
    const decoder = 'model.decoder';
    this.tokenTable = weights.tensor(`${decoder}.embed_tokens.weight`, [opt.vocab_size, embeddingWidth]);
    this.#positionTable = weights.tensor(`${decoder}.embed_positions.weight`, [
      opt.max_position_embeddings + positionOffset,
      width,
    ]);
    const projects = embeddingWidth !== width;
    this.#projectIn = projects ? weights.linear(`${decoder}.project_in`, width, embeddingWidth, false) : null;
    this.#projectOut = projects
      ? weights.linear(`${decoder}.project_out`, embeddingWidth, width, false)
      : null;
    const { enable_bias: bias, layer_norm_elementwise_affine: affine } = opt;
    this.#blocks = Array.from({ length: opt.num_hidden_layers }, (_, layer) => {
      const block = `${decoder}.layers.${layer}`;
      return {
        attentionNorm: weights.norm(`${block}.self_attn_layer_norm`, width, affine),
        query: weights.linear(`${block}.self_attn.q_proj`, width, width, bias),
        key: weights.linear(`${block}.self_attn.k_proj`, width, width, bias),
        value: weights.linear(`${block}.self_attn.v_proj`, width, width, bias),
        output: weights.linear(`${block}.self_attn.out_proj`, width, width, bias),
        feedForwardNorm: weights.norm(`${block}.final_layer_norm`, width, affine),
        up: weights.linear(`${block}.fc1`, opt.ffn_dim, width, bias),
        down: weights.linear(`${block}.fc2`, width, opt.ffn_dim, bias),
      };
    });
    this.#finalNorm =
      opt.do_layer_norm_before && !opt._remove_final_layer_norm
        ? weights.norm(`${decoder}.final_layer_norm`, width, affine)
        : null;
    this.#packedHead = trainable ? null : new PackedWeight(this.tokenTable, { dtype: dtype ?? 'float32' });
  }

  /** A new model to train, with OPT's initial values: N(0, 0.02), biases 0, norms 1. */
  static initialize(opt: OptConfig, random: Random): OptModel {
    return new OptModel(opt, initialWeights(random, initialOptTensor), 'untrained', { trainable: true });
  }

  protected get head(): Tensor | PackedWeight {
    return this.#packedHead ?? this.tokenTable;
  }

  override unfreeze(names: readonly string[]): ReadonlyMap<string, Tensor> {
    const unfrozen = super.unfreeze(names);
    if (this.tokenTable.requiresGrad) {
      this.#packedHead?.dispose();
      this.#packedHead = null;
    }
    return unfrozen;
  }

  override dispose(): void {
    this.#packedHead?.dispose();
    super.dispose();
  }

  protected enter(embeddings: Tensor): Tensor {
    return this.#projectIn ? this.#projectIn.forward(embeddings) : embeddings;
  }

  protected addPositions(x: Tensor, positions: Int32Array): Tensor {
    const rows = tensor(
      positions.map((position) => position + positionOffset),
      x.shape.slice(0, 2),
    );
    return add(x, embedding(this.#positionTable, rows));
  }

  protected finish(x: Tensor): Tensor {
    const normed = this.#finalNorm ? norm(x, this.#finalNorm) : x;
    return this.#projectOut ? this.#projectOut.forward(normed) : normed;
  }

  protected block({ layer, sequence, hooks, context, cache }: DecoderBlockCall): Tensor {
    const block = this.#blocks[layer]!;
    const before = this.#opt.do_layer_norm_before;
    const map = (site: Site, x: Tensor): Tensor => atSite(hooks, site, layer, x, context);
    const apply = (name: LinearName, x: Tensor, followers?: LinearFollowers): Tensor =>
      applyLinear(block[name], { name, layer, hooks }, x, followers);

    let residual = sequence.hiddenStates; // [batch, rows, width], packed [1, rows, width]
    let x = map('attention.in', before ? norm(residual, block.attentionNorm) : residual);
    const query = apply('query', x);
    let key = apply('key', x);
    let value = apply('value', x);
    let keyMask = sequence.keyMask;
    if (cache) {
      const seen = cache.append(layer, key, value, keyMask ?? full(key.shape.slice(0, 2), 1, 'uint8'));
      key = seen.key;
      value = seen.value;
      keyMask = seen.mask;
    }
    x = attention(query, key, value, {
      heads: this.config.heads,
      causal: true,
      keyMask,
      sequences: sequence.lengths,
      fullRows: sequence.fullRows,
    });
    for (const hook of hooks) {
      const extra = hook.keyValues?.(layer, query, context);
      if (extra) x = add(x, extra);
    }
    x = apply('output', x, { atSite: (y) => map('attention.out', y), residual });
    if (!before) x = norm(x, block.attentionNorm);

    residual = x;
    x = map('feedForward.in', before ? norm(x, block.feedForwardNorm) : x);
    x = apply('up', x, { activation: this.#opt.activation_function }); // [batch, rows, feedForwardWidth]
    x = apply('down', x, { atSite: (y) => map('feedForward.out', y), residual });
    return before ? x : norm(x, block.feedForwardNorm);
  }
}

function norm(x: Tensor, weights: NormWeights): Tensor {
  return layerNorm(x, { weight: weights.weight, bias: weights.bias, epsilon });
}

function initialOptTensor(name: string, shape: Shape, random: Random): Tensor {
  if (name.endsWith('.bias')) return zeros(shape);
  if (name.includes('layer_norm')) return full(shape, 1);
  return normal(random, shape, 0.02);
}
