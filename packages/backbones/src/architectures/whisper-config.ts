import { z } from 'zod';
import { activationName } from '../model/activation-name.js';
import { parseConfig } from '../model/parse-config.js';
import { checkHeads, count, encoderUnread, type TransformerConfig } from './encoder-config.js';

/** The part of a Whisper's `config.json` that changes the arithmetic of its encoder. */
const schema = z.object({
  model_type: z.literal('whisper'),
  activation_function: activationName.default('gelu'),
  d_model: count.default(384),
  encoder_attention_heads: count.default(6),
  encoder_ffn_dim: count.default(1536),
  encoder_layers: count.default(4),
  max_source_positions: count.default(1500),
  num_mel_bins: count.default(80),
});

const unread = [
  ...encoderUnread,
  // Of the decoder; the encoder has no token table to scale.
  ...['decoder_attention_heads', 'decoder_ffn_dim', 'decoder_layers', 'max_target_positions'],
  ...['scale_embedding', 'vocab_size', 'is_encoder_decoder'],
  'num_hidden_layers', // the encoder's layers once more
  // Of SpecAugment, which transformers applies in training only.
  ...['apply_spec_augment', 'mask_feature_length', 'mask_feature_min_masks', 'mask_feature_prob'],
  ...['mask_time_length', 'mask_time_min_masks', 'mask_time_prob'],
  // Of the classifier of sounds, and of how texts are generated and aligned.
  ...['classifier_proj_size', 'use_weighted_layer_sum', 'forced_decoder_ids', 'median_filter_width'],
];

export interface WhisperEncoderConfig extends TransformerConfig {
  readonly bins: number;
  /** Tokens; each is of two frames. */
  readonly positions: number;
}

/** Reads the configuration of a Whisper, whose encoder is meant; unknown keys and values are errors. */
export function parseWhisperEncoderConfig(json: unknown, origin: string): WhisperEncoderConfig {
  const parsed = parseConfig({ name: 'whisper', schema, unread }, json, origin);
  const config = {
    width: parsed.d_model,
    feedForwardWidth: parsed.encoder_ffn_dim,
    heads: parsed.encoder_attention_heads,
    layers: parsed.encoder_layers,
    epsilon: 1e-5,
    activation: parsed.activation_function,
    queryKeyValueBias: true,
    bins: parsed.num_mel_bins,
    positions: parsed.max_source_positions,
  };
  checkHeads(config, origin);
  return config;
}
