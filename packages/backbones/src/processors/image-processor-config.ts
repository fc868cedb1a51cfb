import { OcelliError } from '@ocelli/ops';
import { z } from 'zod';
import type { ResizeFilter } from './resize-image.js';

/** What is done to an image before an encoder sees it, in this order; a step that is null is left out. */
export interface ImageProcessorConfig {
  /** To exactly this size, or so that the shorter edge has this length. */
  readonly resize: {
    readonly to: ImageSize | { readonly shortestEdge: number };
    readonly filter: ResizeFilter;
  } | null;
  /** The middle of this size is cut out. */
  readonly centerCrop: ImageSize | null;
  /** Levels 0 to 255 are multiplied by this, usually 1/255. */
  readonly rescaleFactor: number | null;
  /** Per channel, red first: (x - mean) / standardDeviation. */
  readonly normalize: { readonly mean: Triple; readonly standardDeviation: Triple } | null;
}

/** In pixels. */
export interface ImageSize {
  readonly height: number;
  readonly width: number;
}

/** One value per channel: red, green, blue. */
export type Triple = readonly [number, number, number];

const extent = z.number().int().positive();
const rectangle = z.strictObject({ height: extent, width: extent });
const shortest = z.strictObject({ shortest_edge: extent });
const triple = z.tuple([z.number(), z.number(), z.number()]);

/** The keys of a `preprocessor_config.json` that change the arithmetic; null is as good as absent. */
const schema = z.object({
  image_processor_type: z.string().nullish(),
  feature_extractor_type: z.string().nullish(),
  do_resize: z.boolean().nullish(),
  size: z.union([extent, rectangle, shortest]).nullish(),
  default_to_square: z.boolean().nullish(),
  resample: z.number().int().min(0).max(5).nullish(),
  do_center_crop: z.boolean().nullish(),
  crop_size: z.union([extent, rectangle]).nullish(),
  do_rescale: z.boolean().nullish(),
  rescale_factor: z.number().positive().nullish(),
  do_normalize: z.boolean().nullish(),
  image_mean: triple.nullish(),
  image_std: triple.nullish(),
});

/** Keys that change nothing here: images are RGB, and the result is float32 with channels first. */
const neutralKeys = new Set([
  'data_format',
  'device',
  'disable_grouping',
  'do_convert_rgb',
  'image_seq_length',
  'input_data_format',
  'pad_size',
  'processor_class',
  'return_tensors',
  '_valid_processor_keys',
]);

/** Pillow's numbers. */
const filters: readonly ResizeFilter[] = ['nearest', 'lanczos', 'bilinear', 'bicubic', 'box', 'hamming'];

/** How the processors of transformers read a plain number as `size`; the others have their own arithmetic. */
const families: Readonly<Record<string, { readonly square: boolean }>> = {
  ViT: { square: true },
  DeiT: { square: true },
  CLIP: { square: false },
  Bit: { square: false },
};

/**
 * Reads a `preprocessor_config.json` as transformers does. A key that may change the arithmetic in a way that Ocelli does
 * not know is an error, so that features never differ silently from those that a model was trained with.
 *
 * @param origin the file, for messages.
 */
export function parseImageProcessorConfig(json: unknown, origin: string): ImageProcessorConfig {
  const result = schema.safeParse(json);
  if (!result.success)
    throw imageProcessorError(origin, `cannot be followed:\n${z.prettifyError(result.error)}`);
  const config = result.data;
  for (const [key, value] of Object.entries(json as object)) {
    if (key in schema.shape || neutralKeys.has(key) || value === null || value === false) continue;
    throw imageProcessorError(
      origin,
      `key "${key}" is ${JSON.stringify(value)}, which Ocelli does not know how to follow`,
    );
  }
  const family = familyOf(config, origin);
  const square = config.default_to_square ?? family.square;
  const normalizes = config.do_normalize ?? true;
  const need = <Value>(key: keyof typeof config, value: Value | null | undefined): Value => {
    if (value === null || value === undefined) throw imageProcessorError(origin, `key "${key}" is missing`);
    return value;
  };
  const resizeTo = (size: NonNullable<typeof config.size>) => {
    if (typeof size !== 'number')
      return 'shortest_edge' in size ? { shortestEdge: size.shortest_edge } : size;
    return square ? { height: size, width: size } : { shortestEdge: size };
  };
  const cropTo = (size: NonNullable<typeof config.crop_size>) =>
    typeof size === 'number' ? { height: size, width: size } : size;
  return {
    resize:
      (config.do_resize ?? true)
        ? { to: resizeTo(need('size', config.size)), filter: filters[need('resample', config.resample)]! }
        : null,
    centerCrop:
      (config.do_center_crop ?? config.crop_size != null)
        ? cropTo(need('crop_size', config.crop_size))
        : null,
    rescaleFactor: (config.do_rescale ?? true) ? (config.rescale_factor ?? 1 / 255) : null,
    normalize: normalizes
      ? {
          mean: need('image_mean', config.image_mean),
          standardDeviation: need('image_std', config.image_std),
        }
      : null,
  };
}

/** `[image-processor] PATH: fact; remedy`. */
export function imageProcessorError(origin: string, message: string, cause?: unknown): OcelliError {
  return new OcelliError('image-processor', `${origin}: ${message}`, { cause });
}

function familyOf(config: z.infer<typeof schema>, origin: string): { readonly square: boolean } {
  const type = config.image_processor_type ?? config.feature_extractor_type;
  if (type == null) return { square: true };
  const family = families[type.replace(/(ImageProcessor(Fast|Pil)?|FeatureExtractor)$/, '')];
  if (family) return family;
  throw imageProcessorError(
    origin,
    `is for ${type}; Ocelli follows those of ${Object.keys(families).join(', ')}`,
  );
}
