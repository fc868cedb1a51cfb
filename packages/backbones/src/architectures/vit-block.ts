import { EncoderBlock } from '../model/encoder-block.js';
import type { Weights } from '../model/weights.js';
import type { TransformerConfig } from './encoder-config.js';

/** A block under the names of Hugging Face's ViT, which DeiT and AST share. */
export function vitBlock(weights: Weights, layer: number, config: TransformerConfig): EncoderBlock {
  const { width, feedForwardWidth, queryKeyValueBias: bias } = config;
  const block = `encoder.layer.${layer}`;
  return new EncoderBlock(
    {
      attentionNorm: weights.norm(`${block}.layernorm_before`, width),
      query: weights.linear(`${block}.attention.attention.query`, width, width, bias),
      key: weights.linear(`${block}.attention.attention.key`, width, width, bias),
      value: weights.linear(`${block}.attention.attention.value`, width, width, bias),
      output: weights.linear(`${block}.attention.output.dense`, width, width, true),
      feedForwardNorm: weights.norm(`${block}.layernorm_after`, width),
      up: weights.linear(`${block}.intermediate.dense`, feedForwardWidth, width, true),
      down: weights.linear(`${block}.output.dense`, width, feedForwardWidth, true),
    },
    config,
  );
}
