import { add, embedding, hostTensor, layerNorm, type PackedWeight, type Tensor } from '@ocelli/ops';
import type { DecoderBlockCall } from '../model/decoder-block-call.js';
import { DecoderModel } from '../model/decoder-model.js';
import type { LanguageModelConfig } from '../model/language-model.js';
import {
  type BackboneOptions,
  type Linear,
  type NormWeights,
  type WeightSource,
  Weights,
} from '../model/weights.js';
import type { Gpt2Config } from './gpt2-config.js';
import { fromConv1d } from './gpt2-weights.js';

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
 * GPT-2 (Radford et al. 2019): a pre-LN decoder with learned positions, a GELU by its tanh formula and a tied head. Its
 * linears are named as in the checkpoint, but for queries, keys and values: `fromConv1d` says how.
 */
export class Gpt2Model extends DecoderModel {
  readonly config: LanguageModelConfig;
  /** Only where the head is not tied. */
  readonly #tokenTable: Tensor | null;
  protected readonly head: Linear;
  readonly #gpt2: Gpt2Config;
  readonly #positionTable: Tensor;
  readonly #blocks: Block[];
  readonly #finalNorm: NormWeights;

  constructor(
    gpt2: Gpt2Config,
    source: WeightSource,
    fingerprint: string,
    options: BackboneOptions & { trainable?: boolean } = {},
  ) {
    const { trainable = false, dtype } = options;
    const weights = new Weights(fromConv1d(source), { trainable, dtype });
    super(weights, fingerprint);
    const { layers, width, heads, vocabularySize, maxPositions, feedForwardWidth } = gpt2;
    this.#gpt2 = gpt2;
    this.config = { layers, width, embeddingWidth: width, heads, vocabularySize, maxPositions, ...gpt2.ids };
    const table = 'transformer.wte';
    this.#positionTable = weights.tensor('transformer.wpe.weight', [maxPositions, width]);
    this.#blocks = Array.from({ length: layers }, (_, layer) => {
      const block = `transformer.h.${layer}`;
      return {
        attentionNorm: weights.norm(`${block}.ln_1`, width),
        query: weights.linear(`${block}.attn.c_attn.query`, width, width, true),
        key: weights.linear(`${block}.attn.c_attn.key`, width, width, true),
        value: weights.linear(`${block}.attn.c_attn.value`, width, width, true),
        output: weights.linear(`${block}.attn.c_proj`, width, width, true),
        feedForwardNorm: weights.norm(`${block}.ln_2`, width),
        up: weights.linear(`${block}.mlp.c_fc`, feedForwardWidth, width, true),
        down: weights.linear(`${block}.mlp.c_proj`, width, feedForwardWidth, true),
      };
    });
    this.#finalNorm = weights.norm('transformer.ln_f', width);
    this.head = weights.head(gpt2.tiedHead ? table : 'lm_head', vocabularySize, width);
    this.#tokenTable = gpt2.tiedHead ? null : weights.tensor(`${table}.weight`, [vocabularySize, width]);
  }

  protected override get tokenTable(): Tensor | PackedWeight {
    return this.#tokenTable ?? super.tokenTable;
  }

  protected override addPositions(x: Tensor, positions: () => Int32Array): Tensor {
    // Padding has no position; what it gets is never looked at.
    const rows = hostTensor(() => positions().map((position) => Math.max(0, position)), x.shape.slice(0, 2));
    return add(x, embedding(this.#positionTable, rows));
  }

  protected block(call: DecoderBlockCall): Tensor {
    const block = this.#blocks[call.layer]!;
    const { heads, width, activation, scaledByHead, scaledByLayer } = this.#gpt2;
    const scale = (scaledByHead ? (width / heads) ** -0.5 : 1) / (scaledByLayer ? call.layer + 1 : 1);
    let residual = call.sequence.hiddenStates; // [batch, rows, width], packed [1, rows, width]
    let x = call.at('attention.in', this.#norm(residual, block.attentionNorm));
    const query = call.linear('query', block.query, x);
    const key = call.linear('key', block.key, x);
    const value = call.linear('value', block.value, x);
    x = call.attention(query, key, value, { heads, scale });
    residual = call.linear('output', block.output, x, { site: 'attention.out', residual });
    x = call.at('feedForward.in', this.#norm(residual, block.feedForwardNorm));
    x = call.linear('up', block.up, x, { activation }); // [batch, rows, feedForwardWidth]
    return call.linear('down', block.down, x, { site: 'feedForward.out', residual });
  }

  protected finish(x: Tensor): Tensor {
    return this.#norm(x, this.#finalNorm);
  }

  #norm(x: Tensor, { weight, bias }: NormWeights): Tensor {
    return layerNorm(x, { weight, bias, epsilon: this.#gpt2.epsilon });
  }
}
