import { type LinearActivation, OcelliError } from '@ocelli/ops';
import { z } from 'zod';
import { activationName } from '../model/activation-name.js';

/** A whole number of at least 1. */
export const count = z.number().int().positive();

/** Height and width, or one number for both. */
export const size = z
  .union([count, z.tuple([count, count])])
  .transform((value): readonly [height: number, width: number] =>
    typeof value === 'number' ? [value, value] : value,
  );

/** Keys that the configurations of ViT and its relatives have in common in transformers, with its defaults. */
export const transformerKeys = {
  hidden_act: activationName.default('gelu'),
  hidden_size: count.default(768),
  intermediate_size: count.default(3072),
  num_attention_heads: count.default(12),
  num_hidden_layers: count.default(12),
  layer_norm_eps: z.number().positive().default(1e-12),
  qkv_bias: z.boolean().default(true),
  head_dim: z
    .never({
      error: 'heads of another width than hidden_size / num_attention_heads do not run',
    })
    .nullish(),
};

/** Keys that an encoder does not read: every file of transformers 4 may say how heads are tied. */
export const encoderUnread = ['tie_word_embeddings'];

/** What the arithmetic of a pre-LN transformer depends on. */
export interface TransformerConfig {
  readonly width: number;
  readonly feedForwardWidth: number;
  readonly heads: number;
  readonly layers: number;
  readonly epsilon: number;
  readonly activation: LinearActivation;
  readonly queryKeyValueBias: boolean;
}

/** `transformerKeys`, once parsed, under our names. */
export function transformerOf(
  json: {
    readonly [Key in Exclude<keyof typeof transformerKeys, 'head_dim'>]: z.output<
      (typeof transformerKeys)[Key]
    >;
  },
): TransformerConfig {
  return {
    width: json.hidden_size,
    feedForwardWidth: json.intermediate_size,
    heads: json.num_attention_heads,
    layers: json.num_hidden_layers,
    epsilon: json.layer_norm_eps,
    activation: json.hidden_act,
    queryKeyValueBias: json.qkv_bias,
  };
}

/** What tells apart the configurations that one function reads. */
export function modelTypeOf(json: unknown): unknown {
  return typeof json === 'object' && json !== null && 'model_type' in json ? json.model_type : undefined;
}

export function checkHeads({ width, heads }: TransformerConfig, origin: string): void {
  if (width % heads === 0) return;
  throw new OcelliError('config', `${origin}: width ${width} is not a multiple of ${heads} heads`);
}

/** Rows and columns of the patches that pictures are cut into. */
export function gridOf(
  [height, width]: readonly [number, number],
  patchSize: number,
  origin: string,
): readonly [rows: number, columns: number] {
  const grid = [height / patchSize, width / patchSize] as const;
  if (grid.every((extent) => Number.isInteger(extent) && extent > 0)) return grid;
  throw new OcelliError(
    'config',
    `${origin}: image size ${height},${width} is not a multiple of patch size ${patchSize}`,
  );
}
