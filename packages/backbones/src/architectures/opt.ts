import {
  add,
  embedding,
  full,
  hostTensor,
  layerNorm,
  normal,
  type Random,
  type Shape,
  type Tensor,
  zeros,
} from '@ocelli/ops';
import type { DecoderBlockCall } from '../model/decoder-block-call.js';
import { DecoderModel } from '../model/decoder-model.js';
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
  protected readonly head: Linear;
  readonly #opt: OptConfig;
  readonly #positionTable: Tensor;
  readonly #projectIn: Linear | null;
  readonly #projectOut: Linear | null;
  readonly #blocks: Block[];
  readonly #finalNorm: NormWeights | null;

  constructor(
    opt: OptConfig,
    source: WeightSource,
    fingerprint: string,
    options: BackboneOptions & { trainable?: boolean } = {},
  ) {
    const weights = new Weights(source, { trainable: options.trainable ?? false, dtype: options.dtype });
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
    this.head = weights.head(`${decoder}.embed_tokens`, opt.vocab_size, embeddingWidth);
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
  }

  /** A new model to train, with OPT's initial values: N(0, 0.02), biases 0, norms 1. */
  static initialize(opt: OptConfig, random: Random): OptModel {
    return new OptModel(opt, initialWeights(random, initialOptTensor), 'untrained', { trainable: true });
  }

  protected override enter(embeddings: Tensor): Tensor {
    return this.#projectIn ? this.#projectIn.forward(embeddings) : embeddings;
  }

  protected override addPositions(x: Tensor, positions: () => Int32Array): Tensor {
    const rows = hostTensor(
      () => positions().map((position) => position + positionOffset),
      x.shape.slice(0, 2),
    );
    return add(x, embedding(this.#positionTable, rows));
  }

  protected finish(x: Tensor): Tensor {
    const normed = this.#finalNorm ? norm(x, this.#finalNorm) : x;
    return this.#projectOut ? this.#projectOut.forward(normed) : normed;
  }

  protected block(call: DecoderBlockCall): Tensor {
    const block = this.#blocks[call.layer]!;
    const before = this.#opt.do_layer_norm_before;
    let residual = call.sequence.hiddenStates; // [batch, rows, width], packed [1, rows, width]
    let x = call.at('attention.in', before ? norm(residual, block.attentionNorm) : residual);
    const query = call.linear('query', block.query, x);
    const key = call.linear('key', block.key, x);
    const value = call.linear('value', block.value, x);
    x = call.attention(query, key, value, { heads: this.config.heads });
    x = call.linear('output', block.output, x, { site: 'attention.out', residual });
    if (!before) x = norm(x, block.attentionNorm);

    residual = x;
    x = call.at('feedForward.in', before ? norm(x, block.feedForwardNorm) : x);
    x = call.linear('up', block.up, x, { activation: this.#opt.activation_function }); // [batch, rows, feedForwardWidth]
    x = call.linear('down', block.down, x, { site: 'feedForward.out', residual });
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
