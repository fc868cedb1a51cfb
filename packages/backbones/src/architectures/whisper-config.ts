import { z } from 'zod';
import { activation, checkHeads, count, parseBy, type TransformerConfig } from './encoder-config.js';

/** The part of a Whisper's `config.json` that changes the arithmetic of its encoder. */
const schema = z.object({
  model_type: z.literal('whisper'),
  activation_function: activation.default('gelu'),
  d_model: count.default(384),
  encoder_attention_heads: count.default(6),
  encoder_ffn_dim: count.default(1536),
  encoder_layers: count.default(4),
  max_source_positions: count.default(1500),
  num_mel_bins: count.default(80),
});

export interface WhisperEncoderConfig extends TransformerConfig {
  readonly bins: number;
  /** Tokens; each is of two frames. */
  readonly positions: number;
}

/** Reads the configuration of a Whisper, whose encoder is meant; throws with what is wrong, key by key. */
export function parseWhisperEncoderConfig(json: unknown, origin: string): WhisperEncoderConfig {
  const parsed = parseBy(schema, json, 'Whisper', origin);
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
