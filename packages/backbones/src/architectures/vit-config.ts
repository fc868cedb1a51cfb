import { OcelliError } from '@ocelli/ops';
import { z } from 'zod';
import { parseConfig } from '../model/parse-config.js';
import {
  checkHeads,
  count,
  encoderUnread,
  gridOf,
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

const huggingFaceUnread = [
  ...encoderUnread,
  'encoder_stride', // of the decoder of masked pictures
  ...['pooler_act', 'pooler_output_size'], // of a head
];

/** Old names have the weights at the end; any other ending (`_miil`, `_clip_laion2b`) is another architecture. */
const timmName =
  /^(?:vit|deit)_(tiny|small|base|large)(_distilled)?_patch(\d+)_(\d+)(?:_in21k|_dino|_sam)?(?:\..*)?$/;

const pool = z.enum(['', 'token', 'avg']).nullish();

/**
 * The configuration of a timm checkpoint (AugReg, AudioMAE, DeiT), or what transformers' TimmWrapper makes of it. As in timm,
 * `model_args` comes first; what it leaves out follows from `pretrained_cfg` and then from the architecture's name.
 */
const timmSchema = z.object({
  model_type: z.literal('timm_wrapper').optional(),
  architecture: z.string().regex(timmName),
  model_args: z
    .strictObject({
      img_size: size,
      patch_size: count,
      in_chans: count,
      embed_dim: count,
      depth: count,
      num_heads: count,
      mlp_ratio: z.number().positive(),
      qkv_bias: z.boolean(),
      num_classes: z.number(), // of the head, which is not read
      global_pool: pool,
      fc_norm: z.literal(false).nullable(),
    })
    .partial()
    .nullish()
    .transform((args) => args ?? {}),
  /** How the weights were made; timm builds the model by three of its keys. */
  pretrained_cfg: z
    .object({
      input_size: z.tuple([count, count, count]).nullish(), // channels, height, width
      fixed_input_size: z.boolean().nullish(), // without it, the height and width of input_size are a mere proposal
      global_pool: pool,
    })
    .prefault({}),
});

/** Of the head, and facts about the model that timm does not build it by. */
const timmUnread = [
  ...encoderUnread,
  ...['do_pooling', 'global_pool', 'label_descriptions', 'label_names', 'num_classes', 'num_features'],
];

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

/** Reads either convention; unknown keys and values are errors. */
export function parseVitConfig(json: unknown, origin: string): VitConfig {
  const isTimm = typeof json === 'object' && json !== null && 'architecture' in json;
  const config = isTimm ? fromTimm(json, origin) : fromHuggingFace(json, origin);
  checkHeads(config, origin);
  gridOf(config.imageSize, config.patchSize, origin);
  return config;
}

function fromHuggingFace(json: unknown, origin: string): VitConfig {
  const reading = { name: 'vit', schema: huggingFaceSchema, unread: huggingFaceUnread };
  const config = parseConfig(reading, json, origin);
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
  const parsed = parseConfig({ name: 'timm', schema: timmSchema, unread: timmUnread }, json, origin);
  const { architecture, model_args: given, pretrained_cfg: pretrained } = parsed;
  if ((given.global_pool ?? pretrained.global_pool) === 'avg' && given.fc_norm !== false) {
    throw new OcelliError(
      'timm',
      `${origin}: global_pool "avg" leaves out the final norm unless fc_norm is false; such a ViT does not run`,
    );
  }
  const [, sizeName, distilled, patch, image] = timmName.exec(architecture)!;
  const base = timmSizes[sizeName as keyof typeof timmSizes];
  const width = given.embed_dim ?? base.width;
  const [channels, ...extents] = pretrained.input_size ?? [3, Number(image), Number(image)];
  const imageSize = pretrained.fixed_input_size ? extents : ([Number(image), Number(image)] as const);
  return {
    convention: 'timm',
    isDistilled: distilled !== undefined,
    width,
    feedForwardWidth: Math.trunc(width * (given.mlp_ratio ?? 4)),
    imageSize: given.img_size ?? imageSize,
    patchSize: given.patch_size ?? Number(patch),
    channels: given.in_chans ?? channels,
    heads: given.num_heads ?? base.heads,
    layers: given.depth ?? base.layers,
    epsilon: 1e-6,
    activation: 'gelu',
    queryKeyValueBias: given.qkv_bias ?? true,
  };
}
