import { OcelliError } from '@ocelli/ops';
import { z } from 'zod';

const size = z.union([
  z.number().int().positive(),
  z.tuple([z.number().int().positive(), z.number().int().positive()]),
]);

/** The part of a ViT `config.json` (Hugging Face) that changes the arithmetic. */
const huggingFaceSchema = z.object({
  model_type: z.literal('vit'),
  hidden_act: z.literal('gelu').default('gelu'),
  hidden_size: z.number().int().positive(),
  intermediate_size: z.number().int().positive(),
  image_size: size,
  patch_size: z.number().int().positive(),
  num_channels: z.number().int().positive().default(3),
  num_attention_heads: z.number().int().positive(),
  num_hidden_layers: z.number().int().positive(),
  layer_norm_eps: z.number().positive().default(1e-12),
  qkv_bias: z.boolean().default(true),
});

/** The configuration of a timm checkpoint (AugReg): what `model_args` leaves out follows from the architecture's name. */
const timmSchema = z.object({
  architecture: z.string().regex(/^vit_(tiny|small|base|large)_patch\d+_\d+/),
  model_args: z
    .object({
      img_size: size.optional(),
      patch_size: z.number().int().positive().optional(),
      embed_dim: z.number().int().positive().optional(),
      depth: z.number().int().positive().optional(),
      num_heads: z.number().int().positive().optional(),
      mlp_ratio: z.number().positive().optional(),
      qkv_bias: z.boolean().optional(),
    })
    .strict()
    .default({}),
});

const timmSizes = {
  tiny: { width: 192, layers: 12, heads: 3 },
  small: { width: 384, layers: 12, heads: 6 },
  base: { width: 768, layers: 12, heads: 12 },
  large: { width: 1024, layers: 24, heads: 16 },
} as const;

/** What a ViT's arithmetic depends on, whatever the file's convention. */
export interface VitConfig {
  readonly convention: 'huggingFace' | 'timm';
  readonly width: number;
  readonly feedForwardWidth: number;
  readonly imageSize: readonly [number, number];
  readonly patchSize: number;
  readonly channels: number;
  readonly heads: number;
  readonly layers: number;
  readonly epsilon: number;
  readonly queryKeyValueBias: boolean;
}

function pair(value: number | [number, number]): [number, number] {
  return typeof value === 'number' ? [value, value] : value;
}

/** Reads either convention; throws with what is wrong, key by key. */
export function parseVitConfig(json: unknown, origin: string): VitConfig {
  const isTimm = typeof json === 'object' && json !== null && 'architecture' in json;
  const config = isTimm ? fromTimm(json, origin) : fromHuggingFace(json, origin);
  if (config.width % config.heads !== 0) {
    throw new OcelliError(
      'vit',
      `${origin}: width ${config.width} is not a multiple of ${config.heads} heads`,
    );
  }
  for (const extent of config.imageSize) {
    if (extent % config.patchSize !== 0) {
      throw new OcelliError(
        'vit',
        `${origin}: image size ${config.imageSize} is not a multiple of patch size ${config.patchSize}`,
      );
    }
  }
  return config;
}

function parse<T extends z.ZodType>(schema: T, json: unknown, origin: string): z.infer<T> {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  throw new OcelliError(
    'vit',
    `${origin} is not a ViT configuration that Ocelli runs:\n${z.prettifyError(result.error)}`,
  );
}

function fromHuggingFace(json: unknown, origin: string): VitConfig {
  const config = parse(huggingFaceSchema, json, origin);
  return {
    convention: 'huggingFace',
    width: config.hidden_size,
    feedForwardWidth: config.intermediate_size,
    imageSize: pair(config.image_size),
    patchSize: config.patch_size,
    channels: config.num_channels,
    heads: config.num_attention_heads,
    layers: config.num_hidden_layers,
    epsilon: config.layer_norm_eps,
    queryKeyValueBias: config.qkv_bias,
  };
}

function fromTimm(json: unknown, origin: string): VitConfig {
  const { architecture, model_args: given } = parse(timmSchema, json, origin);
  const [, sizeName, patch, image] = /^vit_(\w+?)_patch(\d+)_(\d+)/.exec(architecture)!;
  const base = timmSizes[sizeName as keyof typeof timmSizes];
  const width = given.embed_dim ?? base.width;
  return {
    convention: 'timm',
    width,
    feedForwardWidth: Math.trunc(width * (given.mlp_ratio ?? 4)),
    imageSize: pair(given.img_size ?? Number(image)),
    patchSize: given.patch_size ?? Number(patch),
    channels: 3,
    heads: given.num_heads ?? base.heads,
    layers: given.depth ?? base.layers,
    epsilon: 1e-6,
    queryKeyValueBias: given.qkv_bias ?? true,
  };
}
