import { keep, multiply, type PackedWeight, rmsNorm, rotary, type Tensor, tensor } from '@ocelli/ops';
import type { DecoderBlockCall } from '../model/decoder-block-call.js';
import { DecoderModel } from '../model/decoder-model.js';
import type { LanguageModelConfig } from '../model/language-model.js';
import { scaledRotary } from '../model/rotary-scaling.js';
import { type BackboneOptions, type Linear, type WeightSource, Weights } from '../model/weights.js';
import type { LlamaConfig } from './llama-config.js';

interface Block {
  attentionNorm: Tensor;
  query: Linear;
  key: Linear;
  value: Linear;
  output: Linear;
  feedForwardNorm: Tensor;
  gate: Linear;
  up: Linear;
  down: Linear;
}

/**
 * LLaMA 1 to 3 (Touvron et al. 2023, arXiv 2302.13971 and 2307.09288; Grattafiori et al. 2024, arXiv 2407.21783) and
 * Mistral (Jiang et al. 2023, arXiv 2310.06825): a pre-norm decoder with RMS norms, rotary positions, grouped-query
 * attention and SwiGLU feed-forwards.
 */
export class LlamaModel extends DecoderModel {
  readonly config: LanguageModelConfig;
  /** Only where the head is not tied. */
  readonly #tokenTable: Tensor | null;
  protected readonly head: Linear;
  readonly #llama: LlamaConfig;
  readonly #blocks: Block[];
  readonly #finalNorm: Tensor;
  /** Radians per position of each pair: `[headSize / 2]`. */
  readonly #frequencies: Tensor;
  readonly #attentionScale: number;

  constructor(
    llama: LlamaConfig,
    source: WeightSource,
    fingerprint: string,
    options: BackboneOptions & { trainable?: boolean } = {},
  ) {
    const weights = new Weights(source, { trainable: options.trainable ?? false, dtype: options.dtype });
    super(weights, fingerprint);
    const { layers, width, heads, headSize, vocabularySize, maxPositions, feedForwardWidth } = llama;
    this.#llama = llama;
    this.config = { layers, width, embeddingWidth: width, heads, vocabularySize, maxPositions, ...llama.ids };
    const table = 'model.embed_tokens';
    const queryWidth = heads * headSize;
    const keyWidth = llama.keyValueHeads * headSize;
    const { attentionBias, feedForwardBias } = llama;
    this.#blocks = Array.from({ length: layers }, (_, layer) => {
      const block = `model.layers.${layer}`;
      const [attention, feedForward] = [`${block}.self_attn`, `${block}.mlp`];
      return {
        attentionNorm: weights.tensor(`${block}.input_layernorm.weight`, [width]),
        query: weights.linear(`${attention}.q_proj`, queryWidth, width, attentionBias),
        key: weights.linear(`${attention}.k_proj`, keyWidth, width, attentionBias),
        value: weights.linear(`${attention}.v_proj`, keyWidth, width, attentionBias),
        output: weights.linear(`${attention}.o_proj`, width, queryWidth, attentionBias),
        feedForwardNorm: weights.tensor(`${block}.post_attention_layernorm.weight`, [width]),
        gate: weights.linear(`${feedForward}.gate_proj`, feedForwardWidth, width, feedForwardBias),
        up: weights.linear(`${feedForward}.up_proj`, feedForwardWidth, width, feedForwardBias),
        down: weights.linear(`${feedForward}.down_proj`, width, feedForwardWidth, feedForwardBias),
      };
    });
    this.#finalNorm = weights.tensor('model.norm.weight', [width]);
    this.head = weights.head(llama.tiedHead ? table : 'lm_head', vocabularySize, width);
    this.#tokenTable = llama.tiedHead ? null : weights.tensor(`${table}.weight`, [vocabularySize, width]);
    const { frequencies, attentionFactor } = scaledRotary(llama.rotary, headSize / 2);
    this.#frequencies = keep(tensor(frequencies));
    this.#attentionScale = attentionFactor ** 2 / Math.sqrt(headSize);
  }

  protected override get tokenTable(): Tensor | PackedWeight {
    return this.#tokenTable ?? super.tokenTable;
  }

  override dispose(): void {
    this.#frequencies.dispose();
    super.dispose();
  }

  protected block(call: DecoderBlockCall): Tensor {
    const block = this.#blocks[call.layer]!;
    const { heads, keyValueHeads, activation, maxPositions } = this.#llama;
    let residual = call.sequence.hiddenStates; // [batch, rows, width], packed [1, rows, width]
    const positions = call.rotaryPositions(maxPositions);
    const turn = (x: Tensor, count: number): Tensor =>
      rotary(x, positions, this.#frequencies, { heads: count });
    let x = call.at('attention.in', this.#norm(residual, block.attentionNorm));
    const query = turn(call.linear('query', block.query, x), heads); // [batch, rows, heads * headSize]
    const key = turn(call.linear('key', block.key, x), keyValueHeads); // [batch, rows, keyValueHeads * headSize]
    const value = call.linear('value', block.value, x);
    x = call.attention(query, key, value, { heads, keyValueHeads, scale: this.#attentionScale });
    residual = call.linear('output', block.output, x, { site: 'attention.out', residual });
    x = call.at('feedForward.in', this.#norm(residual, block.feedForwardNorm));
    const gate = call.linear('gate', block.gate, x, { activation }); // [batch, rows, feedForwardWidth]
    x = multiply(gate, call.linear('up', block.up, x));
    return call.linear('down', block.down, x, { site: 'feedForward.out', residual });
  }

  protected finish(x: Tensor): Tensor {
    return this.#norm(x, this.#finalNorm);
  }

  #norm(x: Tensor, weight: Tensor): Tensor {
    return rmsNorm(x, { weight, epsilon: this.#llama.epsilon });
  }
}
