import { type LinearActivation, OcelliError } from '@ocelli/ops';
import { z } from 'zod';
import { activationName } from '../model/activation-name.js';
import { parseConfig } from '../model/parse-config.js';
import { parseRotaryScaling, type RotaryScaling, rotaryKeys } from '../model/rotary-scaling.js';
import { type SpecialIds, specialIds, specialIdsSchema } from '../model/special-ids.js';

const count = z.number().int().positive();

/** The keys that change the arithmetic, of LLaMA and Mistral alike. */
const sharedKeys = {
  head_dim: count.nullish(),
  hidden_act: activationName.default('silu'),
  hidden_size: count,
  intermediate_size: count,
  max_position_embeddings: count,
  num_attention_heads: count,
  num_hidden_layers: count,
  num_key_value_heads: count.nullish(),
  rms_norm_eps: z.number().positive().default(1e-6),
  ...rotaryKeys,
  ...specialIdsSchema({ begin: 1, end: 2 }),
  tie_word_embeddings: z.boolean().default(false),
  vocab_size: count,
};

const llamaSchema = z.object({
  model_type: z.literal('llama'),
  ...sharedKeys,
  attention_bias: z.boolean().default(false),
  mlp_bias: z.boolean().default(false),
  /** More than 1 cuts the products of linears into pieces, as the model was trained on several devices. */
  pretraining_tp: z.literal(1).nullish(),
  /** SmolLM's note that pairs are `(i, i + pairs)`, as in every LLaMA of transformers. */
  rope_interleaved: z.literal(false).optional(),
});

const mistralSchema = z.object({
  model_type: z.literal('mistral'),
  ...sharedKeys,
  num_key_value_heads: count.nullable().default(8),
  /** Tokens that a query sees, itself among them; null sees all. */
  sliding_window: count.nullable().default(4096),
});

/** What LLaMA's arithmetic depends on. */
export interface LlamaConfig {
  readonly layers: number;
  readonly width: number;
  readonly feedForwardWidth: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headSize: number;
  readonly vocabularySize: number;
  readonly maxPositions: number;
  /** Of the gate. */
  readonly activation: LinearActivation;
  readonly epsilon: number;
  readonly rotary: RotaryScaling;
  readonly attentionBias: boolean;
  readonly feedForwardBias: boolean;
  /** The head's weight is the token table. */
  readonly tiedHead: boolean;
  readonly ids: SpecialIds;
}

/** Reads a LLaMA configuration; unknown keys and values are errors. */
export function parseLlamaConfig(json: unknown, origin: string): LlamaConfig {
  const unread = ['is_llama_config', 'max_sequence_length', 'unsloth_fixed', 'unsloth_version'];
  const config = parseConfig({ name: 'llama', schema: llamaSchema, unread }, json, origin);
  return {
    ...shared(config, origin),
    attentionBias: config.attention_bias,
    feedForwardBias: config.mlp_bias,
  };
}

/**
 * Reads a Mistral configuration: a LLaMA without biases. Within its sliding window, which is as far as Ocelli goes, a
 * query sees all that is before it.
 */
export function parseMistralConfig(json: unknown, origin: string): LlamaConfig {
  const unread = ['unsloth_fixed', 'unsloth_version'];
  const config = parseConfig({ name: 'mistral', schema: mistralSchema, unread }, json, origin);
  const whole = shared(config, origin);
  return {
    ...whole,
    maxPositions: Math.min(whole.maxPositions, config.sliding_window ?? whole.maxPositions),
    attentionBias: false,
    feedForwardBias: false,
  };
}

function shared(
  config: z.infer<z.ZodObject<typeof sharedKeys>>,
  origin: string,
): Omit<LlamaConfig, 'attentionBias' | 'feedForwardBias'> {
  const { hidden_size: width, num_attention_heads: heads } = config;
  const keyValueHeads = config.num_key_value_heads ?? heads;
  const headSize = config.head_dim ?? width / heads;
  if (headSize % 2 !== 0) {
    throw new OcelliError(
      'llama',
      `${origin}: hidden_size ${width} in ${heads} heads makes heads of ${headSize}; rotary positions need even ones`,
    );
  }
  if (heads % keyValueHeads !== 0) {
    throw new OcelliError(
      'llama',
      `${origin}: num_attention_heads ${heads} is not a multiple of num_key_value_heads ${keyValueHeads}; one of ` +
        `them is wrong`,
    );
  }
  return {
    layers: config.num_hidden_layers,
    width,
    feedForwardWidth: config.intermediate_size,
    heads,
    keyValueHeads,
    headSize,
    vocabularySize: config.vocab_size,
    maxPositions: config.max_position_embeddings,
    activation: config.hidden_act,
    epsilon: config.rms_norm_eps,
    rotary: parseRotaryScaling(config, config.max_position_embeddings, origin),
    tiedHead: config.tie_word_embeddings,
    ids: specialIds(config, config.vocab_size),
  };
}
