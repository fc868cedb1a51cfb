import { OcelliError } from '@ocelli/ops';
import { z } from 'zod';
import { activationName } from '../model/activation-name.js';
import { parseConfig } from '../model/parse-config.js';

/** The part of an OPT `config.json` that changes the arithmetic. */
export const optConfigSchema = z.object({
  model_type: z.literal('opt'),
  activation_function: activationName.default('relu'),
  bos_token_id: z.number().int().default(2),
  eos_token_id: z.number().int().default(2),
  pad_token_id: z.number().int().default(1),
  do_layer_norm_before: z.boolean().default(true),
  _remove_final_layer_norm: z.boolean().default(false),
  enable_bias: z.boolean().default(true),
  layer_norm_elementwise_affine: z.boolean().default(true),
  /** Galactica's, of an implementation that knew others. */
  learned_embeddings: z.literal(true).optional(),
  scale_embeddings: z.literal(false).optional(),
  ffn_dim: z.number().int().positive(),
  hidden_size: z.number().int().positive(),
  max_position_embeddings: z.number().int().positive(),
  num_attention_heads: z.number().int().positive(),
  num_hidden_layers: z.number().int().positive(),
  tie_word_embeddings: z.literal(true).default(true),
  vocab_size: z.number().int().positive(),
  word_embed_proj_dim: z.number().int().positive().optional(),
});

export type OptConfig = z.infer<typeof optConfigSchema>;

/** Reads an OPT configuration; unknown keys and values are errors. */
export function parseOptConfig(json: unknown, origin: string): OptConfig {
  const config = parseConfig({ name: 'opt', schema: optConfigSchema }, json, origin);
  if (config.hidden_size % config.num_attention_heads !== 0) {
    throw new OcelliError(
      'opt',
      `${origin}: hidden_size ${config.hidden_size} is not a multiple of num_attention_heads ${config.num_attention_heads}`,
    );
  }
  return config;
}
