import { type LanguageModelConfig, parseConfig, specialIds, specialIdsSchema } from '@ocelli/backbones';
import { z } from 'zod';

const count = z.number().int().positive();
const schema = z.object({
  model_type: z.literal('biogpt'),
  hidden_act: z.literal('gelu'),
  hidden_size: count,
  intermediate_size: count,
  max_position_embeddings: count,
  num_attention_heads: count,
  num_hidden_layers: count,
  scale_embedding: z.literal(true),
  tie_word_embeddings: z.literal(true).default(true),
  vocab_size: count,
  ...specialIdsSchema({ begin: 0, end: 2 }),
});

export interface BioGptConfig extends LanguageModelConfig {
  readonly feedForwardWidth: number;
}

/** Reads a BioGPT configuration; the norms take 1e-5, whatever `layer_norm_eps` says. */
export function parseBioGptConfig(json: unknown, origin: string): BioGptConfig {
  const config = parseConfig({ name: 'biogpt', schema, unread: ['layer_norm_eps'] }, json, origin);
  return {
    layers: config.num_hidden_layers,
    width: config.hidden_size,
    embeddingWidth: config.hidden_size,
    feedForwardWidth: config.intermediate_size,
    heads: config.num_attention_heads,
    vocabularySize: config.vocab_size,
    maxPositions: config.max_position_embeddings,
    ...specialIds(config, config.vocab_size),
  };
}
