import { OcelliError } from '@ocelli/ops';
import { z } from 'zod';
import { followConfig } from './follow-config.js';
import type { ResizeFilter } from './resize-image.js';

/** What is done to an image before an encoder sees it, in this order; a step that is null is left out. */
export interface ImageProcessorConfig {
  /** To exactly this size, or so that the shorter edge has this length (less, if the longer would exceed `longestEdge`). */
  readonly resize: {
    readonly to: ImageSize | { readonly shortestEdge: number; readonly longestEdge?: number };
    readonly filter: ResizeFilter;
  } | null;
  /** The middle of this size is cut out; what it has beyond the image is black. */
  readonly centerCrop: ImageSize | null;
  /**
   * Where a crop begins that leaves an odd number of pixels: half a pixel less (`floor`, transformers' and the default), or
   * at the even pixel beside it (`half-even`, torchvision's, so timm's).
   */
  readonly cropOrigin?: 'floor' | 'half-even';
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
const edges = z.strictObject({ shortest_edge: extent, longest_edge: extent.nullish() });
const triple = z.tuple([z.number(), z.number(), z.number()]);

/** The keys of a `preprocessor_config.json` that change the arithmetic; null is as good as absent. */
const schema = z.object({
  image_processor_type: z.string().nullish(),
  feature_extractor_type: z.string().nullish(),
  video_processor_type: z.string().nullish(),
  do_resize: z.boolean().nullish(),
  size: z.union([extent, rectangle, edges]).nullish(),
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

type Keys = z.infer<typeof schema>;

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

const statistics = (mean: Triple, standardDeviation: Triple): Partial<Keys> => ({
  image_mean: [...mean],
  image_std: [...standardDeviation],
});
const standard = statistics([0.5, 0.5, 0.5], [0.5, 0.5, 0.5]);
const imagenet = statistics([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]);
const openai = statistics([0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711]);
const usual = { height: 224, width: 224 };
const cropped: Partial<Keys> = { do_center_crop: true, crop_size: usual };
const shortest: Partial<Keys> = { size: { shortest_edge: 224 }, default_to_square: false };

/** What the processors of transformers take for a key that is absent. Other processors have arithmetic of their own. */
const families: Readonly<Record<string, Partial<Keys>>> = {
  ViT: { size: usual, resample: 2, do_center_crop: false, ...standard },
  DeiT: { size: { height: 256, width: 256 }, resample: 3, ...cropped, ...standard },
  CLIP: { ...shortest, resample: 3, ...cropped, ...openai },
  Bit: { ...shortest, resample: 3, ...cropped, ...openai },
  VideoMAE: { ...shortest, resample: 2, ...cropped, ...standard },
  Timesformer: { ...shortest, resample: 2, ...cropped, ...imagenet },
};

/**
 * Reads a `preprocessor_config.json` as transformers does. A key that may change the arithmetic in a way that Ocelli does
 * not know is an error, so that features never differ silently from those that a model was trained with. A key that is
 * absent has the default of the processor that the file names; if it names none, an absent key is an error too.
 *
 * @param origin the file, for messages.
 */
export function parseImageProcessorConfig(json: unknown, origin: string): ImageProcessorConfig {
  const found = followConfig(schema, neutralKeys, json, (message) => imageProcessorError(origin, message));
  const given = Object.fromEntries(Object.entries(found).filter(([, value]) => value !== null));
  const keys: Keys = { ...defaultsOf(found, origin), ...given };
  const need = <Key extends keyof Keys>(key: Key): NonNullable<Keys[Key]> => {
    const value = keys[key];
    if (value === null || value === undefined) throw imageProcessorError(origin, `key "${key}" is missing`);
    return value;
  };
  // Without a size for it, nothing can be meant to be cropped.
  const crops = keys.do_center_crop ?? (keys.crop_size != null && need('do_center_crop'));
  return {
    resize:
      (keys.do_resize ?? true)
        ? { to: resizeTo(need('size'), keys.default_to_square ?? true), filter: filters[need('resample')]! }
        : null,
    centerCrop: crops ? squareOf(need('crop_size')) : null,
    rescaleFactor: (keys.do_rescale ?? true) ? (keys.rescale_factor ?? 1 / 255) : null,
    normalize:
      (keys.do_normalize ?? true) ? { mean: need('image_mean'), standardDeviation: need('image_std') } : null,
  };
}

/** `[image-processor] PATH: fact; remedy`. */
export function imageProcessorError(origin: string, message: string, cause?: unknown): OcelliError {
  return new OcelliError('image-processor', `${origin}: ${message}`, { cause });
}

type ResizeTarget = NonNullable<ImageProcessorConfig['resize']>['to'];

function resizeTo(size: NonNullable<Keys['size']>, isSquare: boolean): ResizeTarget {
  if (typeof size === 'number') return isSquare ? squareOf(size) : { shortestEdge: size };
  if ('height' in size) return size;
  const { shortest_edge: shortestEdge, longest_edge: longestEdge } = size;
  return longestEdge ? { shortestEdge, longestEdge } : { shortestEdge };
}

function squareOf(size: number | ImageSize): ImageSize {
  return typeof size === 'number' ? { height: size, width: size } : size;
}

function defaultsOf(keys: Keys, origin: string): Partial<Keys> {
  const type = processorTypeOf(keys);
  if (type === null) return {};
  const name = type.replace(/(ImageProcessor(Fast|Pil)?|VideoProcessor|FeatureExtractor)$/, '');
  if (Object.hasOwn(families, name)) return families[name]!;
  throw imageProcessorError(
    origin,
    `is for ${type}; Ocelli follows those of ${Object.keys(families).join(', ')}`,
  );
}

/** The class that the JSON of a processor names; null if none. */
export function processorTypeOf(json: unknown): string | null {
  if (typeof json !== 'object' || json === null) return null;
  const keys = json as Record<string, unknown>;
  const types = [keys.video_processor_type, keys.image_processor_type, keys.feature_extractor_type];
  return types.find((type) => typeof type === 'string') ?? null;
}
