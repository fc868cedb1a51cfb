import { OcelliError } from '@ocelli/ops';
import { z } from 'zod';
import { activationName } from '../model/activation-name.js';
import { parseConfig } from '../model/parse-config.js';

const count = z.number().int().positive();
const id = z.number().int().nonnegative();

/** The part of a BART `config.json` that changes the arithmetic. */
export const bartConfigSchema = z.object({
  model_type: z.literal('bart'),
  activation_function: activationName.default('gelu'),
  d_model: count,
  encoder_layers: count,
  encoder_ffn_dim: count,
  encoder_attention_heads: count,
  decoder_layers: count,
  decoder_ffn_dim: count,
  decoder_attention_heads: count,
  max_position_embeddings: count,
  /** Token embeddings are multiplied by √d_model. */
  scale_embedding: z.boolean().default(false),
  vocab_size: count,
  decoder_start_token_id: id.default(2),
  eos_token_id: id.default(2),
  pad_token_id: id.default(1),
  is_encoder_decoder: z.literal(true).default(true),
  tie_word_embeddings: z.literal(true).default(true),
  // Of fairseq's other models; early files of BART say that it is none of them.
  add_bias_logits: z.literal(false).default(false),
  add_final_layer_norm: z.literal(false).default(false),
  extra_pos_embeddings: z.literal(2).default(2),
  normalize_before: z.literal(false).default(false),
  normalize_embedding: z.literal(true).default(true),
  static_position_embeddings: z.literal(false).default(false),
});

const unread = [
  'num_hidden_layers', // encoder_layers once more
  'force_bos_token_to_be_generated', // a rule of decoding, see decoding-rules.ts
  // How it was trained: dropout of the classifier, and of which layers a student was made.
  ...['classif_dropout', 'replacing_rate', 'save_step', 'student_decoder_layers', 'student_encoder_layers'],
];

export type BartConfig = z.infer<typeof bartConfigSchema>;

/** Reads a BART configuration; unknown keys and values are errors. */
export function parseBartConfig(json: unknown, origin: string): BartConfig {
  const config = parseConfig({ name: 'bart', schema: bartConfigSchema, unread }, json, origin);
  for (const key of ['encoder_attention_heads', 'decoder_attention_heads'] as const) {
    if (config.d_model % config[key] === 0) continue;
    throw new OcelliError(
      'bart',
      `${origin}: d_model ${config.d_model} is not a multiple of ${key} ${config[key]}`,
    );
  }
  return config;
}
