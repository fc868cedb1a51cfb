import { type LinearActivation, OcelliError } from '@ocelli/ops';
import { z } from 'zod';
import { activationName } from '../model/activation-name.js';
import { parseConfig } from '../model/parse-config.js';
import { type SpecialIds, specialIds, specialIdsSchema } from '../model/special-ids.js';

const count = z.number().int().positive();

/** The part of a GPT-2 `config.json` that changes the arithmetic. */
const gpt2Schema = z.object({
  model_type: z.literal('gpt2'),
  activation_function: activationName.default('geluTanh'),
  ...specialIdsSchema({ begin: 50256, end: 50256 }),
  layer_norm_epsilon: z.number().positive().default(1e-5),
  n_embd: count,
  n_head: count,
  n_inner: count.nullable().default(null),
  n_layer: count,
  n_positions: count,
  /** Scores in float32 in a model of half precision; Ocelli's arithmetic is float32 anyway. */
  reorder_and_upcast_attn: z.boolean().default(false),
  scale_attn_weights: z.boolean().default(true),
  scale_attn_by_inverse_layer_idx: z.boolean().default(false),
  tie_word_embeddings: z.boolean().default(true),
  vocab_size: count,
});

/** What GPT-2's arithmetic depends on. */
export interface Gpt2Config {
  readonly layers: number;
  readonly width: number;
  readonly feedForwardWidth: number;
  readonly heads: number;
  readonly vocabularySize: number;
  readonly maxPositions: number;
  readonly activation: LinearActivation;
  readonly epsilon: number;
  /** Scores are divided by √headSize. */
  readonly scaledByHead: boolean;
  /** Scores are divided by the layer's number, counted from 1 (Mistral's GPT-2s). */
  readonly scaledByLayer: boolean;
  /** The head's weight is the token table. */
  readonly tiedHead: boolean;
  readonly ids: SpecialIds;
}

/** Reads a GPT-2 configuration; unknown keys and values are errors. */
export function parseGpt2Config(json: unknown, origin: string): Gpt2Config {
  const config = parseConfig(
    {
      name: 'gpt2',
      schema: gpt2Schema,
      unread: [
        ...['n_ctx', 'n_special', 'predict_special_tokens'],
        ...['summary_activation', 'summary_first_dropout', 'summary_proj_to_labels', 'summary_type'],
        'summary_use_proj',
      ],
    },
    json,
    origin,
  );
  if (config.n_embd % config.n_head !== 0) {
    throw new OcelliError(
      'gpt2',
      `${origin}: n_embd ${config.n_embd} is not a multiple of n_head ${config.n_head}; one of them is wrong`,
    );
  }
  return {
    layers: config.n_layer,
    width: config.n_embd,
    feedForwardWidth: config.n_inner ?? 4 * config.n_embd,
    heads: config.n_head,
    vocabularySize: config.vocab_size,
    maxPositions: config.n_positions,
    activation: config.activation_function,
    epsilon: config.layer_norm_epsilon,
    scaledByHead: config.scale_attn_weights,
    scaledByLayer: config.scale_attn_by_inverse_layer_idx,
    tiedHead: config.tie_word_embeddings,
    ids: specialIds(config, config.vocab_size),
  };
}
