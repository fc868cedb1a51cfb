import { z } from 'zod';
import { activationName } from '../model/activation-name.js';
import { parseConfig } from '../model/parse-config.js';
import {
  checkHeads,
  count,
  encoderUnread,
  gridOf,
  modelTypeOf,
  type TransformerConfig,
  transformerKeys,
  transformerOf,
} from './encoder-config.js';

const { qkv_bias: _, ...sharedKeys } = transformerKeys;

/** The part of a CLIP vision tower's configuration that changes the arithmetic. */
const visionSchema = z.object({
  ...sharedKeys,
  model_type: z.literal('clip_vision_model').optional(), // old files leave it out inside of `clip`
  hidden_act: activationName.default('quickGelu'),
  layer_norm_eps: z.number().positive().default(1e-5),
  image_size: count.default(224),
  patch_size: count.default(32),
  num_channels: count.default(3),
});

const wholeSchema = z.object({
  model_type: z.literal('clip'),
  vision_config: z.record(z.string(), z.unknown()).nullish(),
  /** Of older files; where it is, its keys and the defaults of those that it leaves out overrule `vision_config`. */
  vision_config_dict: z.record(z.string(), z.unknown()).nullish(),
});

/** Of the projection into the space that texts and pictures share. */
const visionUnread = [...encoderUnread, 'projection_dim'];
/** Of that, and of the text's half. */
const wholeUnread = [...visionUnread, 'logit_scale_init_value', 'text_config', 'text_config_dict'];

export interface ClipVisionConfig extends TransformerConfig {
  readonly imageSize: readonly [height: number, width: number];
  readonly patchSize: number;
  readonly channels: number;
}

/**
 * Reads the configuration of a vision tower, or that of a whole CLIP, whose vision tower is meant; unknown keys and values
 * are errors.
 */
export function parseClipVisionConfig(json: unknown, origin: string): ClipVisionConfig {
  const visionReading = { name: 'clip_vision_model', schema: visionSchema, unread: visionUnread };
  const parsed =
    modelTypeOf(json) === 'clip'
      ? parseConfig(visionReading, visionOf(json, origin), `${origin}'s vision_config`)
      : parseConfig(visionReading, json, origin);
  const config = {
    ...transformerOf({ ...parsed, qkv_bias: true }),
    imageSize: [parsed.image_size, parsed.image_size] as const,
    patchSize: parsed.patch_size,
    channels: parsed.num_channels,
  };
  checkHeads(config, origin);
  gridOf(config.imageSize, config.patchSize, origin);
  return config;
}

function visionOf(json: unknown, origin: string): Record<string, unknown> {
  const whole = parseConfig({ name: 'clip', schema: wholeSchema, unread: wholeUnread }, json, origin);
  return whole.vision_config_dict ?? whole.vision_config ?? {};
}
