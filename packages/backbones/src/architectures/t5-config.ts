import { type LinearActivation, OcelliError } from '@ocelli/ops';
import { z } from 'zod';
import { parseConfig } from '../model/parse-config.js';

/** Activations by their names in `feed_forward_proj`, after `gated-` or alone. */
const activations = {
  relu: 'relu',
  gelu: 'gelu',
  gelu_new: 'geluTanh',
  silu: 'silu',
} as const satisfies Record<string, LinearActivation>;

const feedForwards = Object.keys(activations).flatMap((name) => [name, `gated-${name}`]);
const count = z.number().int().positive();

/** The part of a T5 `config.json` that changes the arithmetic. */
export const t5ConfigSchema = z.object({
  model_type: z.literal('t5'),
  d_model: count,
  d_kv: count,
  d_ff: count,
  num_layers: count,
  /** As many as `num_layers` by default. */
  num_decoder_layers: count.nullish(),
  num_heads: count,
  vocab_size: count,
  relative_attention_num_buckets: count.default(32),
  relative_attention_max_distance: count.default(128),
  layer_norm_epsilon: z.number().positive().default(1e-6),
  feed_forward_proj: z.enum(feedForwards).default('relu'),
  /** Names the activation once more. */
  dense_act_fn: z.string().optional(),
  is_gated_act: z.boolean().optional(),
  /** Says, by old custom, whether the head's input is multiplied by 1/√d_model. */
  tie_word_embeddings: z.boolean().default(true),
  /** Says so by itself. */
  scale_decoder_outputs: z.boolean().optional(),
  decoder_start_token_id: z.number().int().nonnegative().default(0),
  eos_token_id: z.number().int().nonnegative().default(1),
  pad_token_id: z.number().int().nonnegative().default(0),
  is_encoder_decoder: z.literal(true).default(true),
});

export type T5Config = z.infer<typeof t5ConfigSchema>;

/** Reads a T5 configuration; unknown keys and values are errors. */
export function parseT5Config(json: unknown, origin: string): T5Config {
  // Its positions are relative: n_positions is how long the texts were that it was trained with.
  const reading = { name: 't5', schema: t5ConfigSchema, unread: ['n_positions'] };
  const config = parseConfig(reading, json, origin);
  const { name, isGated } = feedForwardOf(config);
  const { dense_act_fn = name, is_gated_act = isGated } = config;
  if (dense_act_fn !== name || is_gated_act !== isGated) {
    throw new OcelliError(
      't5',
      `${origin}: dense_act_fn ${dense_act_fn} and is_gated_act ${is_gated_act} contradict feed_forward_proj ` +
        `${config.feed_forward_proj}; leave them out`,
    );
  }
  const { relative_attention_num_buckets: buckets, relative_attention_max_distance: furthest } = config;
  if (buckets < 4 || furthest <= buckets / 2) {
    throw new OcelliError(
      't5',
      `${origin}: relative_attention_num_buckets ${buckets} must be at least 4 and ` +
        `relative_attention_max_distance ${furthest} more than half of it`,
    );
  }
  return config;
}

/** How a feed-forward is built: `gated-gelu` means GELU's tanh form, as T5 v1.1 was trained with, `gelu` the exact one. */
export function feedForwardOf({ feed_forward_proj: projection }: T5Config): {
  readonly name: string;
  readonly activation: LinearActivation;
  readonly isGated: boolean;
} {
  const isGated = projection.startsWith('gated-');
  const plain = projection.replace(/^gated-/, '');
  const name = (isGated && plain === 'gelu' ? 'gelu_new' : plain) as keyof typeof activations;
  return { name, activation: activations[name], isGated };
}
