import { z } from 'zod';
import { followConfig } from './follow-config.js';
import { type ImageProcessorConfig, type ImageSize, imageProcessorError } from './image-processor-config.js';

const extent = z.number().int().positive();
const triple = z.tuple([z.number(), z.number(), z.number()]);

/** The keys of timm's `pretrained_cfg` that change the arithmetic, with timm's defaults. */
const schema = z.object({
  input_size: z.tuple([z.literal(3), extent, extent]),
  crop_pct: z.number().positive().max(1).nullish(),
  crop_mode: z.enum(['center', 'squash']).nullish(),
  interpolation: z.enum(['nearest', 'lanczos', 'bilinear', 'bicubic', 'box', 'hamming']).nullish(),
  mean: triple.nullish(),
  std: triple.nullish(),
});

/** Keys about the model, where it comes from, and sizes that timm takes only when told to. */
const neutralKeys = new Set([
  'architecture',
  'classifier',
  'custom_load',
  'file',
  'first_conv',
  'fixed_input_size',
  'hf_hub_filename',
  'hf_hub_id',
  'label_descriptions',
  'label_names',
  'label_offset',
  'license',
  'min_input_size',
  'notes',
  'num_classes',
  'origin_url',
  'paper_ids',
  'paper_name',
  'pool_size',
  'source',
  'tag',
  'test_crop_pct',
  'test_input_size',
  'url',
]);

/**
 * Reads the `pretrained_cfg` of a timm checkpoint's `config.json` as timm's evaluation transform does: the shorter edge
 * (`squash`: both) to the input's size / `crop_pct`, then the middle of it.
 *
 * @param origin the file, for messages.
 */
export function parseTimmProcessorConfig(pretrainedCfg: unknown, origin: string): ImageProcessorConfig {
  const keys = followConfig(schema, neutralKeys, pretrainedCfg, (message) =>
    imageProcessorError(origin, `pretrained_cfg: ${message}`),
  );
  const { input_size, crop_pct, crop_mode, interpolation, mean, std } = keys;
  const [, height, width] = input_size;
  const part = crop_pct ?? 0.875;
  const scaled: ImageSize = { height: Math.floor(height / part), width: Math.floor(width / part) };
  const isSquashed = crop_mode === 'squash';
  if (!isSquashed && scaled.height !== scaled.width) {
    throw imageProcessorError(
      origin,
      `input_size of ${height}x${width} with crop_mode "center" is not followed; only squares are`,
    );
  }
  return {
    resize: { to: isSquashed ? scaled : { shortestEdge: scaled.height }, filter: interpolation ?? 'bicubic' },
    centerCrop: { height, width },
    cropOrigin: 'half-even',
    rescaleFactor: 1 / 255,
    normalize: { mean: mean ?? [0.485, 0.456, 0.406], standardDeviation: std ?? [0.229, 0.224, 0.225] },
  };
}
