import { OcelliError } from '@ocelli/ops';
import { z } from 'zod';
import { parseConfig } from '../model/parse-config.js';
import {
  checkHeads,
  count,
  encoderUnread,
  gridOf,
  modelTypeOf,
  size,
  type TransformerConfig,
  transformerKeys,
  transformerOf,
} from './encoder-config.js';

/** The keys of DINOv2 that change the arithmetic; `intermediate_size` is none. */
const keys = {
  ...transformerKeys,
  layer_norm_eps: z.number().positive().default(1e-6),
  image_size: size.default([224, 224]),
  num_channels: count.default(3),
  mlp_ratio: z.number().positive().default(4),
  use_swiglu_ffn: z.boolean().default(false),
};

const plainSchema = z.object({
  ...keys,
  model_type: z.literal('dinov2'),
  patch_size: count.default(14),
});
const registersSchema = z.object({
  ...keys,
  model_type: z.literal('dinov2_with_registers'),
  patch_size: count.default(16),
  num_register_tokens: z.number().int().min(0).default(4),
  // How positions are resized; early files say so.
  interpolate_antialias: z.literal(true).optional(),
  interpolate_offset: z.literal(0).optional(),
});

const unread = [
  ...encoderUnread,
  'layerscale_value', // the first value of what the file has as lambda1
  'use_mask_token', // of pictures of which patches are hidden
  // How transformers' backbone for detection and segmentation gives the features.
  ...['apply_layernorm', 'out_features', 'out_indices', 'reshape_hidden_states', 'stage_names'],
];

export interface Dinov2Config extends TransformerConfig {
  readonly imageSize: readonly [height: number, width: number];
  readonly patchSize: number;
  readonly channels: number;
  /** SwiGLU in place of a feed-forward with an activation: the giant model. */
  readonly hasGate: boolean;
  /** Null: a model without registers, whose positions are resized without antialiasing. */
  readonly registers: number | null;
}

/** Reads the configuration of a DINOv2, with registers or without; unknown keys and values are errors. */
export function parseDinov2Config(json: unknown, origin: string): Dinov2Config {
  const parsed = parse(json, origin);
  const [height, width] = parsed.image_size;
  if (height !== width) {
    throw new OcelliError(
      'config',
      `${origin}: image_size ${height},${width} is not square, the positions of DINOv2 are; give the size of your ` +
        'pictures as the option imageSize',
    );
  }
  const wide = Math.trunc(parsed.hidden_size * parsed.mlp_ratio);
  const config = {
    ...transformerOf(parsed),
    // SwiGLU has three matrices in place of two: two thirds of the width, in multiples of 8.
    feedForwardWidth: parsed.use_swiglu_ffn ? Math.floor((Math.trunc((wide * 2) / 3) + 7) / 8) * 8 : wide,
    imageSize: parsed.image_size,
    patchSize: parsed.patch_size,
    channels: parsed.num_channels,
    hasGate: parsed.use_swiglu_ffn,
    registers: parsed.num_register_tokens,
  };
  checkHeads(config, origin);
  gridOf(config.imageSize, config.patchSize, origin);
  return config;
}

function parse(json: unknown, origin: string) {
  if (modelTypeOf(json) === 'dinov2_with_registers') {
    return parseConfig({ name: 'dinov2_with_registers', schema: registersSchema, unread }, json, origin);
  }
  const parsed = parseConfig({ name: 'dinov2', schema: plainSchema, unread }, json, origin);
  return { ...parsed, num_register_tokens: null };
}
