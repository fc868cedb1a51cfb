import {
  concat,
  embedding,
  keep,
  multiply,
  OcelliError,
  type PackedWeight,
  reshape,
  rmsNorm,
  scale,
  scope,
  type Tensor,
  tensor,
  transpose,
  zeros,
} from '@ocelli/ops';
import { applyLinear, type LinearFollowers } from '../model/apply-linear.js';
import { atSite } from '../model/at-site.js';
import type { DecodingRules } from '../model/decoding-rules.js';
import type { EncoderDecoderConfig } from '../model/encoder-decoder.js';
import {
  type AttentionRows,
  EncoderDecoderModel,
  type Stack,
  type StackBlockCall,
} from '../model/encoder-decoder-model.js';
import type { Site } from '../model/hooks.js';
import { type AttentionLinears, crossAttention, selfAttention } from '../model/stack-attention.js';
import { type BackboneOptions, type Linear, type WeightSource, Weights } from '../model/weights.js';
import { feedForwardOf, type T5Config } from './t5-config.js';
import { relativeBucket } from './t5-relative-positions.js';

interface Block {
  attentionNorm: Tensor;
  attention: AttentionLinears;
  /** The decoder's. */
  cross: { norm: Tensor; attention: AttentionLinears } | null;
  feedForwardNorm: Tensor;
  /** Of gated feed-forwards. */
  gate: Linear | null;
  up: Linear;
  down: Linear;
}

interface BlockStack {
  readonly blocks: readonly Block[];
  readonly finalNorm: Tensor;
  /** `[buckets + 1, heads]`: the last row is for what has no position, and zero. */
  readonly relativeBias: Tensor;
}

/**
 * T5 (Raffel et al. 2020, arXiv 1910.10683), its version 1.1 and Flan-T5: pre-norm blocks without biases, RMS norms,
 * relative positions that all layers of a stack share, and scores that are not divided by √headSize. Spliced rows have no
 * position: they neither get a relative bias nor give one, as in VL-T5 (Cho et al. 2021).
 */
export class T5Model extends EncoderDecoderModel {
  readonly config: EncoderDecoderConfig;
  readonly #t5: T5Config;
  /** Only where the head is not tied. */
  readonly #tokenTable: Tensor | null;
  readonly #stacks: Readonly<Record<Stack, BlockStack>>;
  readonly #head: Linear;

  constructor(
    t5: T5Config,
    decodingRules: DecodingRules,
    source: WeightSource,
    fingerprint: string,
    { dtype }: BackboneOptions = {},
  ) {
    const weights = new Weights(source, { trainable: false, dtype });
    super(weights, fingerprint);
    this.#t5 = t5;
    const { d_model: width, num_heads: heads, vocab_size: vocabulary } = t5;
    this.config = {
      encoderLayers: t5.num_layers,
      decoderLayers: t5.num_decoder_layers ?? t5.num_layers,
      width,
      encoderHeads: heads,
      decoderHeads: heads,
      vocabularySize: vocabulary,
      maxPositions: Number.POSITIVE_INFINITY,
      decoderStartId: t5.decoder_start_token_id,
      endId: t5.eos_token_id,
      padId: t5.pad_token_id,
      decodingRules,
    };
    const tables = ['shared', 'encoder.embed_tokens', 'decoder.embed_tokens'];
    const table = tables.find((name) => weights.has(`${name}.weight`)) ?? 'shared';
    this.#stacks = { encoder: this.#loadStack('encoder'), decoder: this.#loadStack('decoder') };
    // Version 1.1 has a head of its own; in files of 1.0 it is the table once more, if it is there at all.
    const hasHead = !this.#scalesHeadInput && weights.has('lm_head.weight');
    this.#head = weights.head(hasHead ? 'lm_head' : table, vocabulary, width);
    this.#tokenTable = hasHead ? weights.tensor(`${table}.weight`, [vocabulary, width]) : null;
  }

  #loadStack(stack: Stack): BlockStack {
    const { d_model: width, num_heads: heads, relative_attention_num_buckets: buckets } = this.#t5;
    const layers = stack === 'encoder' ? this.config.encoderLayers : this.config.decoderLayers;
    const table = this.weights.tensor(relativeBiasName(stack), [buckets, heads]);
    return {
      blocks: Array.from({ length: layers }, (_, layer) => this.#loadBlock(stack, layer)),
      finalNorm: this.weights.tensor(`${stack}.final_layer_norm.weight`, [width]),
      relativeBias: keep(scope(() => concat([table, zeros([1, heads])], 0))),
    };
  }

  #loadBlock(stack: Stack, layer: number): Block {
    const { weights } = this;
    const { d_model: width, d_ff: feedForwardWidth, d_kv: headSize, num_heads: heads } = this.#t5;
    const part = (index: number): string => `${stack}.block.${layer}.layer.${index}`;
    const norm = (index: number): Tensor => weights.tensor(`${part(index)}.layer_norm.weight`, [width]);
    const inner = heads * headSize;
    const attention = (name: string): AttentionLinears => ({
      query: weights.linear(`${name}.q`, inner, width, false),
      key: weights.linear(`${name}.k`, inner, width, false),
      value: weights.linear(`${name}.v`, inner, width, false),
      output: weights.linear(`${name}.o`, width, inner, false),
    });
    const last = stack === 'encoder' ? 1 : 2;
    const feedForward = `${part(last)}.DenseReluDense`;
    const { isGated } = feedForwardOf(this.#t5);
    return {
      attentionNorm: norm(0),
      attention: attention(`${part(0)}.SelfAttention`),
      cross:
        stack === 'encoder' ? null : { norm: norm(1), attention: attention(`${part(1)}.EncDecAttention`) },
      feedForwardNorm: norm(last),
      gate: isGated ? weights.linear(`${feedForward}.wi_0`, feedForwardWidth, width, false) : null,
      up: weights.linear(`${feedForward}.${isGated ? 'wi_1' : 'wi'}`, feedForwardWidth, width, false),
      down: weights.linear(`${feedForward}.wo`, width, feedForwardWidth, false),
    };
  }

  protected get head(): Tensor | PackedWeight {
    return this.#head.weight;
  }

  override unfreeze(names: readonly string[]): ReadonlyMap<string, Tensor> {
    const fixed = names.find(
      (name) => name === relativeBiasName('encoder') || name === relativeBiasName('decoder'),
    );
    if (fixed !== undefined)
      throw new OcelliError('unfreeze', `${fixed} gets no gradient and stays frozen; leave it out`);
    return super.unfreeze(names);
  }

  override dispose(): void {
    for (const { relativeBias } of Object.values(this.#stacks)) relativeBias.dispose();
    super.dispose();
  }

  embed(ids: Tensor): Tensor {
    return embedding(this.#tokenTable ?? this.#head.weight, ids);
  }

  protected enter(_stack: Stack, embeddings: Tensor): Tensor {
    return reshape(embeddings, embeddings.shape); // a view: the embeddings may be the caller's
  }

  protected bias(stack: Stack, { queries, queryTexts, keys, keyTexts }: AttentionRows): Tensor {
    const { relative_attention_num_buckets: buckets, relative_attention_max_distance: maxDistance } =
      this.#t5;
    const sharing = { buckets, maxDistance, bidirectional: stack === 'encoder' };
    const rows = new Int32Array(queries * keys).fill(buckets); // without position
    for (let query = queries - queryTexts; query < queries; query++) {
      for (let key = keys - keyTexts; key < keys; key++) {
        const distance = key - keys - (query - queries); // both end with the same token
        rows[query * keys + key] = relativeBucket(distance, sharing);
      }
    }
    const byRow = embedding(this.#stacks[stack].relativeBias, tensor(rows)); // [queries * keys, heads]
    return reshape(transpose(byRow), [this.#t5.num_heads, queries, keys]);
  }

  protected block(call: StackBlockCall): Tensor {
    const { stack, layer, hooks, context } = call;
    const block = this.#stacks[stack].blocks[layer]!;
    const options = { heads: this.#t5.num_heads, scale: 1 };
    const at = (site: Site, x: Tensor): Tensor => atSite(hooks, site, layer, x, context);
    const apply = (name: 'gate' | 'up' | 'down', x: Tensor, followers?: LinearFollowers): Tensor =>
      applyLinear(block[name]!, { name, layer, hooks }, x, followers);

    let x = call.sequence.hiddenStates; // [batch, rows, width]
    x = selfAttention(
      call,
      block.attention,
      at('attention.in', this.#norm(x, block.attentionNorm)),
      x,
      options,
    );
    if (block.cross) {
      const y = at('crossAttention.in', this.#norm(x, block.cross.norm));
      x = crossAttention(call, block.cross.attention, y, x, options);
    }
    const y = at('feedForward.in', this.#norm(x, block.feedForwardNorm));
    const { activation } = feedForwardOf(this.#t5);
    const inner = block.gate
      ? multiply(apply('gate', y, { activation }), apply('up', y)) // [batch, rows, feedForwardWidth]
      : apply('up', y, { activation });
    return apply('down', inner, { atSite: (z) => at('feedForward.out', z), residual: x });
  }

  protected finish(stack: Stack, x: Tensor): Tensor {
    return this.#norm(x, this.#stacks[stack].finalNorm);
  }

  protected toHead(x: Tensor): Tensor {
    return this.#scalesHeadInput ? scale(x, this.#t5.d_model ** -0.5) : x;
  }

  get #scalesHeadInput(): boolean {
    return this.#t5.scale_decoder_outputs ?? this.#t5.tie_word_embeddings;
  }

  #norm(x: Tensor, weight: Tensor): Tensor {
    return rmsNorm(x, { weight, epsilon: this.#t5.layer_norm_epsilon });
  }
}

function relativeBiasName(stack: Stack): string {
  return `${stack}.block.0.layer.0.SelfAttention.relative_attention_bias.weight`;
}
