import * as ocelli from '@ocelli/backbones';
import { add, embedding, hostTensor, layerNorm, scale, type Tensor } from '@ocelli/ops';
import { parseBioGptConfig } from './biogpt-config.js';

/** BioGPT (Luo et al. 2022, arXiv 2210.10341): a pre-LN decoder with learned positions and scaled embeddings. */
class BioGptModel extends ocelli.DecoderModel {
  readonly config;
  protected readonly head;
  readonly #positions;
  readonly #blocks;
  readonly #finalNorm;

  constructor(checkpoint: ocelli.Checkpoint, { dtype }: ocelli.BackboneOptions) {
    const weights = new ocelli.Weights(checkpoint.source, { trainable: false, dtype });
    super(weights, checkpoint.fingerprint);
    this.config = parseBioGptConfig(checkpoint.config, checkpoint.origin);
    const { layers, width, feedForwardWidth, vocabularySize, maxPositions } = this.config;
    this.#positions = weights.tensor('biogpt.embed_positions.weight', [maxPositions + 2, width]);
    this.#blocks = Array.from({ length: layers }, (_, layer) => {
      const block = `biogpt.layers.${layer}`;
      return {
        attentionNorm: weights.norm(`${block}.self_attn_layer_norm`, width),
        query: weights.linear(`${block}.self_attn.q_proj`, width, width, true),
        key: weights.linear(`${block}.self_attn.k_proj`, width, width, true),
        value: weights.linear(`${block}.self_attn.v_proj`, width, width, true),
        output: weights.linear(`${block}.self_attn.out_proj`, width, width, true),
        feedForwardNorm: weights.norm(`${block}.final_layer_norm`, width),
        up: weights.linear(`${block}.fc1`, feedForwardWidth, width, true),
        down: weights.linear(`${block}.fc2`, width, feedForwardWidth, true),
      };
    });
    this.#finalNorm = weights.norm('biogpt.layer_norm', width);
    this.head = weights.head('biogpt.embed_tokens', vocabularySize, width);
  }

  override embed(ids: Tensor): Tensor {
    return scale(super.embed(ids), Math.sqrt(this.config.width));
  }

  protected override addPositions(x: Tensor, positions: () => Int32Array): Tensor {
    const rows = () => positions().map((position) => position + 2); // row 1 is for padding
    return add(x, embedding(this.#positions, hostTensor(rows, x.shape.slice(0, 2))));
  }

  protected block(call: ocelli.DecoderBlockCall): Tensor {
    const block = this.#blocks[call.layer]!;
    let residual = call.sequence.hiddenStates; // [batch, rows, width]
    let x = call.at('attention.in', layerNorm(residual, { ...block.attentionNorm, epsilon: 1e-5 }));
    const query = call.linear('query', block.query, x);
    const key = call.linear('key', block.key, x);
    x = call.attention(query, key, call.linear('value', block.value, x), { heads: this.config.heads });
    residual = call.linear('output', block.output, x, { site: 'attention.out', residual });
    x = call.at('feedForward.in', layerNorm(residual, { ...block.feedForwardNorm, epsilon: 1e-5 }));
    x = call.linear('up', block.up, x, { activation: 'gelu' });
    return call.linear('down', block.down, x, { site: 'feedForward.out', residual });
  }

  protected finish(x: Tensor): Tensor {
    return layerNorm(x, { ...this.#finalNorm, epsilon: 1e-5 });
  }
}

ocelli.registerArchitecture('biogpt', (checkpoint, options) => ({
  kind: 'languageModel',
  model: new BioGptModel(checkpoint, options),
}));
