import { OcelliError } from '@ocelli/ops';
import { z } from 'zod';
import { parseConfig } from '../model/parse-config.js';
import {
  checkHeads,
  count,
  encoderUnread,
  type TransformerConfig,
  transformerKeys,
  transformerOf,
} from './encoder-config.js';

const schema = z.object({
  ...transformerKeys,
  model_type: z.literal('audio-spectrogram-transformer'),
  patch_size: count.default(16),
  frequency_stride: count.default(10),
  time_stride: count.default(10),
  max_length: count.default(1024),
  num_mel_bins: count.default(128),
});

export interface AudioSpectrogramTransformerConfig extends TransformerConfig {
  readonly patchSize: number;
  /** From one patch to the next, in bins and in frames; smaller than the patches, they overlap. */
  readonly stride: readonly [bins: number, frames: number];
  readonly frames: number;
  readonly bins: number;
}

/** Reads the configuration of an AST; unknown keys and values are errors. */
export function parseAudioSpectrogramTransformerConfig(
  json: unknown,
  origin: string,
): AudioSpectrogramTransformerConfig {
  const parsed = parseConfig(
    { name: 'audio-spectrogram-transformer', schema, unread: encoderUnread },
    json,
    origin,
  );
  const config = {
    ...transformerOf(parsed),
    patchSize: parsed.patch_size,
    stride: [parsed.frequency_stride, parsed.time_stride] as const,
    frames: parsed.max_length,
    bins: parsed.num_mel_bins,
  };
  checkHeads(config, origin);
  if (config.patchSize > Math.min(config.frames, config.bins)) {
    throw new OcelliError(
      'config',
      `${origin}: a spectrogram of ${config.frames} frames of ${config.bins} bins does not hold a patch of ${config.patchSize}`,
    );
  }
  return config;
}
