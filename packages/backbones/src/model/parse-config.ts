import { isDeepStrictEqual } from 'node:util';
import { OcelliError } from '@ocelli/ops';
import { z } from 'zod';

/** Keys of any `config.json` that change nothing of what a trained model computes. */
const harmlessKeys: ReadonlySet<string> = new Set([
  // Where the checkpoint comes from, how it was stored, for what it was meant.
  ...['_name_or_path', '_commit_hash', 'architectures', 'auto_map', 'dtype', 'finetuning_task', 'id2label'],
  ...['label2id', 'license', '_num_labels', 'num_labels', 'prefix', 'problem_type', 'task_specific_params'],
  ...['tokenizer_class', 'torch_dtype', 'transformers_version', 'transformers.js_config', 'use_bfloat16'],
  // How transformers computes and what it returns.
  ...['_attn_implementation', '_attn_implementation_autoset', '_attn_implementation_internal'],
  ...['_flash_attn_2_enabled', 'attn_implementation'],
  ...['chunk_size_feed_forward', 'gradient_checkpointing', 'output_attentions', 'output_hidden_states'],
  ...[
    'output_past',
    'output_scores',
    'return_dict',
    'return_dict_in_generate',
    'tf_legacy_loss',
    'torchscript',
  ],
  ...['use_cache', 'use_return_dict'],
  // Training only: initial values and dropout.
  ...['init_std', 'initializer_factor', 'initializer_range', 'activation_dropout', 'attention_dropout'],
  ...[
    'attention_probs_dropout_prob',
    'attn_pdrop',
    'classifier_dropout',
    'classifier_dropout_prob',
    'dropout',
  ],
  ...['dropout_rate', 'drop_path_rate', 'embd_pdrop', 'hidden_dropout', 'hidden_dropout_prob', 'resid_pdrop'],
  ...['decoder_layerdrop', 'encoder_layerdrop', 'layerdrop'],
  // Defaults of `generate`, from the time before generation_config.json.
  ...['bad_words_ids', 'begin_suppress_tokens', 'diversity_penalty', 'do_sample', 'early_stopping'],
  ...['encoder_no_repeat_ngram_size', 'exponential_decay_length_penalty', 'forced_bos_token_id'],
  ...['forced_eos_token_id', 'length_penalty', 'max_length', 'max_new_tokens', 'min_length'],
  ...[
    'no_repeat_ngram_size',
    'num_beam_groups',
    'num_beams',
    'num_return_sequences',
    'remove_invalid_values',
  ],
  ...['repetition_penalty', 'suppress_tokens', 'temperature', 'top_k', 'top_p', 'typical_p'],
  // Special tokens: the schema of a language model names those that it reads.
  ...['bos_token_id', 'decoder_start_token_id', 'eos_token_id', 'pad_token_id', 'sep_token_id'],
]);

/** Keys of any `config.json` that change nothing only while they have this value. */
const neutralValues: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['add_cross_attention', false],
  ['cross_attention_hidden_size', null],
  ['is_decoder', false],
  ['is_encoder_decoder', false],
  ['pruned_heads', {}],
  ['quantization_config', null],
  ['tie_encoder_decoder', false],
]);

/** How the configuration of an architecture reads. */
export interface ConfigReading<Schema extends z.ZodObject> {
  /** The architecture, for messages: its `model_type`. */
  readonly name: string;
  /** The keys that change the arithmetic, with the values that Ocelli runs. */
  readonly schema: Schema;
  /** Further keys that its code in transformers does not read, or reads for training only. */
  readonly unread?: readonly string[];
}

/**
 * Reads a `config.json`. Each key is in the schema or known to change nothing; any other is refused by name, since it may
 * change the arithmetic.
 *
 * @param origin the path of the file, for messages.
 */
export function parseConfig<Schema extends z.ZodObject>(
  { name, schema, unread = [] }: ConfigReading<Schema>,
  json: unknown,
  origin: string,
): z.infer<Schema> {
  const result = schema.safeParse(json);
  if (!result.success) {
    throw new OcelliError(
      name,
      `${origin} is not a configuration of ${name} that Ocelli runs:\n${z.prettifyError(result.error)}`,
    );
  }
  const read = new Set([...Object.keys(schema.shape), ...unread]);
  for (const [key, value] of Object.entries(json as Record<string, unknown>)) {
    if (read.has(key) || harmlessKeys.has(key)) continue;
    const given = `${origin} has ${key} ${JSON.stringify(value)}`;
    if (!neutralValues.has(key)) {
      throw new OcelliError(
        name,
        `${given}, a key that Ocelli does not know and that may change the arithmetic; take it out if the model's own ` +
          `code does not read it`,
      );
    }
    const neutral = neutralValues.get(key);
    if (!isDeepStrictEqual(value, neutral)) {
      throw new OcelliError(
        name,
        `${given}; Ocelli runs ${name} with ${JSON.stringify(neutral)} only, take another checkpoint`,
      );
    }
  }
  return result.data as z.infer<Schema>;
}
