import { z } from 'zod';
import { parseConfig } from '../model/parse-config.js';
import {
  checkHeads,
  count,
  encoderUnread,
  gridOf,
  type TransformerConfig,
  transformerKeys,
  transformerOf,
} from './encoder-config.js';

const schema = z.object({
  ...transformerKeys,
  model_type: z.literal('timesformer'),
  layer_norm_eps: z.number().positive().default(1e-6),
  image_size: count.default(224),
  patch_size: count.default(16),
  num_channels: count.default(3),
  num_frames: count.default(8),
  attention_type: z
    .enum(['divided_space_time', 'space_only', 'joint_space_time'])
    .default('divided_space_time'),
});

export interface TimesformerConfig extends TransformerConfig {
  readonly imageSize: number;
  readonly patchSize: number;
  readonly channels: number;
  readonly frames: number;
  readonly attentionType: 'divided_space_time' | 'space_only' | 'joint_space_time';
}

/** Reads the configuration of a TimeSformer; unknown keys and values are errors. */
export function parseTimesformerConfig(json: unknown, origin: string): TimesformerConfig {
  const parsed = parseConfig({ name: 'timesformer', schema, unread: encoderUnread }, json, origin);
  const config = {
    ...transformerOf(parsed),
    imageSize: parsed.image_size,
    patchSize: parsed.patch_size,
    channels: parsed.num_channels,
    frames: parsed.num_frames,
    attentionType: parsed.attention_type,
  };
  checkHeads(config, origin);
  gridOf([config.imageSize, config.imageSize], config.patchSize, origin);
  return config;
}
