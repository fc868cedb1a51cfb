import { z } from 'zod';
import {
  checkHeads,
  count,
  gridOf,
  parseBy,
  size,
  type TransformerConfig,
  transformerKeys,
  transformerOf,
} from './encoder-config.js';

/** The part of a ViT's or DeiT's `config.json` (Hugging Face) that changes the arithmetic. */
const huggingFaceSchema = z.object({
  ...transformerKeys,
  model_type: z.enum(['vit', 'deit']),
  image_size: size.default([224, 224]),
  patch_size: count.default(16),
  num_channels: count.default(3),
});

const timmName = /^(?:vit|deit)_(tiny|small|base|large)(_distilled)?_patch(\d+)_(\d+)/;

/**
 * The configuration of a timm checkpoint (AugReg, AudioMAE, DeiT): what `model_args` leaves out follows from the
 * architecture's name.
 */
const timmSchema = z.object({
  architecture: z.string().regex(timmName),
  model_args: z
    .object({
      img_size: size.optional(),
      patch_size: count.optional(),
      in_chans: count.default(3),
      embed_dim: count.optional(),
      depth: count.optional(),
      num_heads: count.optional(),
      mlp_ratio: z.number().positive().default(4),
      qkv_bias: z.boolean().default(true),
      num_classes: z.number().optional(), // of the head, which is not read
      global_pool: z.enum(['', 'token', 'avg']).optional(),
      fc_norm: z.literal(false).nullish(),
    })
    .strict()
    .refine((args) => args.global_pool !== 'avg' || args.fc_norm === false, {
      error: 'global_pool "avg" leaves out the final norm unless fc_norm is false; such a ViT does not run',
    })
    .prefault({}),
});

const timmSizes = {
  tiny: { width: 192, layers: 12, heads: 3 },
  small: { width: 384, layers: 12, heads: 6 },
  base: { width: 768, layers: 12, heads: 12 },
  large: { width: 1024, layers: 24, heads: 16 },
} as const;

/** What a ViT's arithmetic depends on, whatever the file's convention. */
export interface VitConfig extends TransformerConfig {
  readonly convention: 'huggingFace' | 'timm';
  /** DeiT: a distillation token follows the class token. */
  readonly isDistilled: boolean;
  readonly imageSize: readonly [height: number, width: number];
  readonly patchSize: number;
  readonly channels: number;
}

/** Reads either convention; throws with what is wrong, key by key. */
export function parseVitConfig(json: unknown, origin: string): VitConfig {
  const isTimm = typeof json === 'object' && json !== null && 'architecture' in json;
  const config = isTimm ? fromTimm(json, origin) : fromHuggingFace(json, origin);
  checkHeads(config, origin);
  gridOf(config.imageSize, config.patchSize, origin);
  return config;
}

function fromHuggingFace(json: unknown, origin: string): VitConfig {
  const config = parseBy(huggingFaceSchema, json, 'ViT', origin);
  return {
    ...transformerOf(config),
    convention: 'huggingFace',
    isDistilled: config.model_type === 'deit',
    imageSize: config.image_size,
    patchSize: config.patch_size,
    channels: config.num_channels,
  };
}

function fromTimm(json: unknown, origin: string): VitConfig {
  const { architecture, model_args: given } = parseBy(timmSchema, json, "timm's ViT", origin);
  const [, sizeName, distilled, patch, image] = timmName.exec(architecture)!;
  const base = timmSizes[sizeName as keyof typeof timmSizes];
  const width = given.embed_dim ?? base.width;
  return {
    convention: 'timm',
    isDistilled: distilled !== undefined,
    width,
    feedForwardWidth: Math.trunc(width * given.mlp_ratio),
    imageSize: given.img_size ?? [Number(image), Number(image)],
    patchSize: given.patch_size ?? Number(patch),
    channels: given.in_chans,
    heads: given.num_heads ?? base.heads,
    layers: given.depth ?? base.layers,
    epsilon: 1e-6,
    activation: 'gelu',
    queryKeyValueBias: given.qkv_bias,
  };
}
