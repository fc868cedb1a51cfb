import { z } from 'zod';
import {
  activation,
  checkHeads,
  count,
  gridOf,
  parseBy,
  type TransformerConfig,
  transformerKeys,
  transformerOf,
} from './encoder-config.js';

const { qkv_bias: _, ...sharedKeys } = transformerKeys;

/** The part of a CLIP vision tower's configuration that changes the arithmetic. */
const visionSchema = z.object({
  ...sharedKeys,
  model_type: z.literal('clip_vision_model').optional(), // old files leave it out inside of `clip`
  hidden_act: activation.default('quickGelu'),
  layer_norm_eps: z.number().positive().default(1e-5),
  image_size: count.default(224),
  patch_size: count.default(32),
  num_channels: count.default(3),
});

const wholeSchema = z.object({
  model_type: z.literal('clip'),
  vision_config: z.record(z.string(), z.unknown()).default({}),
  // Older files; transformers lets it overrule vision_config, key by key.
  vision_config_dict: z.record(z.string(), z.unknown()).nullish(),
});

export interface ClipVisionConfig extends TransformerConfig {
  readonly imageSize: readonly [height: number, width: number];
  readonly patchSize: number;
  readonly channels: number;
}

/** Reads the configuration of a vision tower, or that of a whole CLIP, whose vision tower is meant. */
export function parseClipVisionConfig(json: unknown, origin: string): ClipVisionConfig {
  const isWhole =
    typeof json === 'object' && json !== null && 'model_type' in json && json.model_type === 'clip';
  let vision = json;
  if (isWhole) {
    const whole = parseBy(wholeSchema, json, 'CLIP', origin);
    vision = { ...whole.vision_config, ...whole.vision_config_dict };
  }
  const parsed = parseBy(visionSchema, vision, "CLIP's vision model", origin);
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
