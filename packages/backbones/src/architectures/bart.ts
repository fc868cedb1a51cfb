import {
  add,
  concat,
  embedding,
  full,
  keep,
  layerNorm,
  type PackedWeight,
  reshape,
  scale,
  type Tensor,
  tensor,
} from '@ocelli/ops';
import { applyLinear, type LinearFollowers } from '../model/apply-linear.js';
import { atSite } from '../model/at-site.js';
import type { DecodingRules } from '../model/decoding-rules.js';
import type { EncoderDecoderConfig } from '../model/encoder-decoder.js';
import { EncoderDecoderModel, type Stack, type StackBlockCall } from '../model/encoder-decoder-model.js';
import type { Site } from '../model/hooks.js';
import { type AttentionLinears, crossAttention, selfAttention } from '../model/stack-attention.js';
import { TiedHead } from '../model/tied-head.js';
import {
  type BackboneOptions,
  headType,
  type Linear,
  type NormWeights,
  type WeightSource,
  Weights,
} from '../model/weights.js';
import type { BartConfig } from './bart-config.js';

/** The position tables start with two rows that no token uses: the offset of fairseq, row 1 is for padding. */
const positionOffset = 2;
const epsilon = 1e-5;

interface Block {
  attention: AttentionLinears;
  attentionNorm: NormWeights;
  /** The decoder's. */
  cross: { attention: AttentionLinears; norm: NormWeights } | null;
  up: Linear;
  down: Linear;
  feedForwardNorm: NormWeights;
}

interface BlockStack {
  readonly heads: number;
  readonly positionTable: Tensor;
  readonly embeddingNorm: NormWeights;
  readonly blocks: readonly Block[];
}

/**
 * BART (Lewis et al. 2020, arXiv 1910.13461): post-norm blocks, learned positions, a norm after the embeddings and a tied
 * head with a bias. Spliced rows get neither position nor that norm, as in VL-BART (Cho et al. 2021). Positions count
 * the tokens of a sample: padding on the left changes nothing, while in transformers it moves them.
 */
export class BartModel extends EncoderDecoderModel {
  readonly config: EncoderDecoderConfig;
  readonly #bart: BartConfig;
  readonly #tokenTable: Tensor;
  readonly #stacks: Readonly<Record<Stack, BlockStack>>;
  /** Of the logits, `[vocabulary, 1]`; no parameter, as it is not trained. */
  readonly #logitsBias: Tensor | null;
  readonly #tiedHead: TiedHead;

  constructor(
    bart: BartConfig,
    decodingRules: DecodingRules,
    source: WeightSource,
    fingerprint: string,
    { dtype }: BackboneOptions = {},
  ) {
    const weights = new Weights(source, { trainable: false, dtype });
    super(weights, fingerprint);
    this.#bart = bart;
    const { d_model: width, vocab_size: vocabulary } = bart;
    this.config = {
      encoderLayers: bart.encoder_layers,
      decoderLayers: bart.decoder_layers,
      width,
      encoderHeads: bart.encoder_attention_heads,
      decoderHeads: bart.decoder_attention_heads,
      vocabularySize: vocabulary,
      maxPositions: bart.max_position_embeddings,
      decoderStartId: bart.decoder_start_token_id,
      endId: bart.eos_token_id,
      padId: bart.pad_token_id,
      decodingRules,
    };
    const tables = ['shared', 'encoder.embed_tokens', 'decoder.embed_tokens'].map(
      (name) => `model.${name}.weight`,
    );
    const tableName = tables.find((name) => weights.has(name)) ?? 'model.shared.weight';
    this.#tokenTable = weights.tensor(tableName, [vocabulary, width]);
    this.#stacks = { encoder: this.#loadStack('encoder'), decoder: this.#loadStack('decoder') };
    this.#logitsBias = loadLogitsBias(source, vocabulary);
    this.#tiedHead = new TiedHead(this.#tokenTable, headType(dtype ?? 'float32'), this.#logitsBias);
  }

  #loadStack(stack: Stack): BlockStack {
    const { d_model: width, max_position_embeddings: positions } = this.#bart;
    const name = `model.${stack}`;
    return {
      heads: stack === 'encoder' ? this.config.encoderHeads : this.config.decoderHeads,
      positionTable: this.weights.tensor(`${name}.embed_positions.weight`, [
        positions + positionOffset,
        width,
      ]),
      embeddingNorm: this.weights.norm(`${name}.layernorm_embedding`, width),
      blocks: Array.from({ length: this.#bart[`${stack}_layers`] }, (_, layer) =>
        this.#loadBlock(stack, layer),
      ),
    };
  }

  #loadBlock(stack: Stack, layer: number): Block {
    const { weights } = this;
    const width = this.#bart.d_model;
    const feedForwardWidth = this.#bart[`${stack}_ffn_dim`];
    const block = `model.${stack}.layers.${layer}`;
    const attention = (name: string): AttentionLinears => ({
      query: weights.linear(`${block}.${name}.q_proj`, width, width, true),
      key: weights.linear(`${block}.${name}.k_proj`, width, width, true),
      value: weights.linear(`${block}.${name}.v_proj`, width, width, true),
      output: weights.linear(`${block}.${name}.out_proj`, width, width, true),
    });
    const norm = (name: string): NormWeights => weights.norm(`${block}.${name}`, width);
    return {
      attention: attention('self_attn'),
      attentionNorm: norm('self_attn_layer_norm'),
      cross:
        stack === 'encoder'
          ? null
          : { attention: attention('encoder_attn'), norm: norm('encoder_attn_layer_norm') },
      up: weights.linear(`${block}.fc1`, feedForwardWidth, width, true),
      down: weights.linear(`${block}.fc2`, width, feedForwardWidth, true),
      feedForwardNorm: norm('final_layer_norm'),
    };
  }

  protected get head(): Tensor | PackedWeight {
    return this.#tiedHead.weight;
  }

  override dispose(): void {
    this.#tiedHead.dispose();
    this.#logitsBias?.dispose();
    super.dispose();
  }

  embed(ids: Tensor): Tensor {
    const embeddings = embedding(this.#tokenTable, ids);
    return this.#bart.scale_embedding ? scale(embeddings, Math.sqrt(this.#bart.d_model)) : embeddings;
  }

  protected enter(stack: Stack, embeddings: Tensor, positions: Int32Array): Tensor {
    const { positionTable, embeddingNorm } = this.#stacks[stack];
    const rows = tensor(
      positions.map((position) => position + positionOffset),
      embeddings.shape.slice(0, 2),
    );
    return norm(add(embeddings, embedding(positionTable, rows)), embeddingNorm);
  }

  protected bias(): null {
    return null;
  }

  protected block(call: StackBlockCall): Tensor {
    const { stack, layer, hooks, context } = call;
    const { heads, blocks } = this.#stacks[stack];
    const block = blocks[layer]!;
    const at = (site: Site, x: Tensor): Tensor => atSite(hooks, site, layer, x, context);
    const apply = (name: 'up' | 'down', x: Tensor, followers: LinearFollowers): Tensor =>
      applyLinear(block[name], { name, layer, hooks }, x, followers);

    let x = call.sequence.hiddenStates; // [batch, rows, width]
    x = selfAttention(call, block.attention, at('attention.in', x), x, { heads });
    x = norm(x, block.attentionNorm);
    if (block.cross) {
      x = crossAttention(call, block.cross.attention, at('crossAttention.in', x), x, { heads });
      x = norm(x, block.cross.norm);
    }
    const activation = this.#bart.activation_function;
    const inner = apply('up', at('feedForward.in', x), { activation }); // [batch, rows, feedForwardWidth]
    x = apply('down', inner, { atSite: (y) => at('feedForward.out', y), residual: x });
    return norm(x, block.feedForwardNorm);
  }

  protected finish(_stack: Stack, x: Tensor): Tensor {
    return x;
  }

  protected toHead(x: Tensor): Tensor {
    return this.#logitsBias ? concat([x, full([...x.shape.slice(0, -1), 1], 1)], x.rank - 1) : x;
  }
}

function loadLogitsBias(source: WeightSource, vocabulary: number): Tensor | null {
  const name = 'final_logits_bias';
  if (!source.has(name)) return null;
  using loaded = source.load(name, [1, vocabulary]);
  return keep(reshape(loaded, [vocabulary, 1]));
}

function norm(x: Tensor, { weight, bias }: NormWeights): Tensor {
  return layerNorm(x, { weight, bias, epsilon });
}
