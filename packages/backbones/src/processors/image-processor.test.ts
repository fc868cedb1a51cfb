import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { picture } from '../../test/picture.js';
import { ImageProcessor } from './image-processor.js';
import { type ImageProcessorConfig, parseImageProcessorConfig } from './image-processor-config.js';
import type { RgbImage } from './resize-image.js';
import { parseTimmProcessorConfig } from './timm-processor-config.js';
import { VideoProcessor } from './video-processor.js';

interface Result {
  from: [number, number];
  shape: number[];
  data: string;
}
interface Case {
  config: Record<string, unknown>;
  results: Result[];
}
const golden = JSON.parse(
  readFileSync(new URL('../../test/image-processor.json', import.meta.url), 'utf8'),
) as {
  cases: Case[];
  timm: Case[];
  video: Result & { config: Record<string, unknown> };
  defaults: Record<string, Record<string, unknown>>;
};

/** transformers rounds to float32 after each of its three steps. */
function expectPixels(data: Float32Array, expected: Result): void {
  const pixels = new Float32Array(Uint8Array.from(Buffer.from(expected.data, 'base64')).buffer);
  expect(data.length).toBe(pixels.length);
  for (const [i, value] of data.entries()) {
    if (!(Math.abs(value - pixels[i]!) <= 4e-7 * Math.max(1, Math.abs(pixels[i]!))))
      throw new Error(`pixel ${i} of ${expected.from}: got ${value}, expected ${pixels[i]}`);
  }
}

async function expectResults(config: ImageProcessorConfig, results: readonly Result[]): Promise<void> {
  const processor = new ImageProcessor(config);
  for (const result of results) {
    const { data, height, width } = await processor.process(picture(...result.from));
    expect([3, height, width]).toEqual(result.shape);
    expectPixels(data, result);
  }
}

const half: [number, number, number] = [0.5, 0.5, 0.5];
const vit = {
  image_processor_type: 'ViTImageProcessor',
  size: { height: 12, width: 16 },
  resample: 2,
  image_mean: half,
  image_std: half,
};
const untyped = { ...vit, image_processor_type: null };
const make = (json: object) => new ImageProcessor(parseImageProcessorConfig(json, 'config'));

describe('ImageProcessor', () => {
  it.each(golden.cases)('answers as transformers does: $config', async ({ config, results }) => {
    await expectResults(parseImageProcessorConfig(config, 'config'), results);
  });

  it.each(golden.timm)('answers as timm does: $config', async ({ config, results }) => {
    await expectResults(parseTimmProcessorConfig(config, 'config'), results);
  });

  it.each(Object.entries(golden.defaults))('has the defaults of transformers for %s', (type, keys) => {
    const named = parseImageProcessorConfig({ image_processor_type: type }, 'config');
    // Without a type there are no defaults.
    expect(named).toEqual(parseImageProcessorConfig({ do_center_crop: false, ...keys }, 'config'));
  });

  it('has a fingerprint of its arithmetic only', () => {
    const processor = make(vit);
    // Transformers' ViT processor crops only when told to.
    expect(make({ ...vit, do_resize: true, crop_size: 8, do_convert_rgb: true }).fingerprint).toBe(
      processor.fingerprint,
    );
    const others = [
      { ...vit, resample: 3 },
      { ...vit, size: 12 },
      { ...vit, image_mean: [0.5, 0.5, 0.4] },
      { ...vit, do_rescale: false },
      { ...vit, do_normalize: false },
      { ...vit, do_center_crop: true, crop_size: 8 },
    ].map((json) => make(json).fingerprint);
    expect(new Set([processor.fingerprint, ...others]).size).toBe(7);
  });

  it.each<[string, object, RegExp]>([
    [
      'an unknown step',
      { ...vit, do_pad: true },
      /\[image-processor\] config: key "do_pad" is true, which Ocelli does not know/,
    ],
    ["a key of every object's", { ...vit, constructor: 1 }, /key "constructor" is 1/],
    ["a type of every object's", { image_processor_type: 'constructorImageProcessor' }, /is for constructor/],
    ['an unknown number', { ...vit, crop_pct: 0.9 }, /key "crop_pct" is 0.9/],
    [
      'another processor',
      { ...vit, image_processor_type: 'ConvNextImageProcessor' },
      /is for ConvNextImageProcessor; Ocelli follows those of ViT, DeiT, CLIP, Bit, VideoMAE/,
    ],
    [
      'another processor with a known flag',
      { ...vit, image_processor_type: 'X', default_to_square: true },
      /is for X/,
    ],
    ['no size', { ...untyped, size: null }, /key "size" is missing/],
    ['no filter', { ...untyped, resample: undefined }, /key "resample" is missing/],
    ['no mean', { ...untyped, image_mean: undefined }, /key "image_mean" is missing/],
    ['a crop by nobody', { ...untyped, crop_size: 8 }, /key "do_center_crop" is missing/],
    ['a longest edge only', { ...vit, size: { longest_edge: 5 } }, /cannot be followed:\n.*\n?.*size/],
    ['a filter that Pillow has not', { ...vit, resample: 6 }, /cannot be followed:\n.*\n?.*resample/],
    ['a crop without size', { ...vit, do_center_crop: true }, /key "crop_size" is missing/],
  ])('refuses a config with %s', (_, json, message) => {
    expect(() => make(json)).toThrow(message);
  });

  it('refuses images that do not fit', async () => {
    const processor = make({ ...vit, do_resize: false });
    const short: RgbImage = { ...picture(4, 4), data: new Uint8Array(47) };
    await expect(processor.process(short)).rejects.toThrow(
      /4x4 needs a Uint8Array of 48 levels in 3 channels, got 47 in 3/,
    );
    await expect(processor.process({ ...picture(4, 4), width: 0 })).rejects.toThrow(/an image of 0x4/);
    const plain = make({ ...vit, do_resize: false });
    expect(plain.outputSize).toBeNull();
    await expect(plain.processBatch([picture(4, 5), picture(5, 4)])).rejects.toThrow(
      /image 1 is 5x4 .* the first 4x5/,
    );
    await expect(plain.processBatch([])).rejects.toThrow(/at least one image, got none/);
  });

  it('refuses an image whose shorter edge would vanish', async () => {
    const processor = make({ ...vit, size: { shortest_edge: 4, longest_edge: 5 } });
    await expect(processor.process(picture(90, 2))).rejects.toThrow(/an image of 90x2 has no pixel left/);
  });

  it.each<[string, object, RegExp]>([
    [
      'an unknown key',
      { input_size: [3, 8, 8], resize_antialias: true },
      /config: pretrained_cfg: key "resize_antialias" is true/,
    ],
    [
      'borders',
      { input_size: [3, 8, 8], crop_mode: 'border' },
      /pretrained_cfg: cannot be followed:\n.*\n?.*crop_mode/,
    ],
    ['no size', {}, /cannot be followed:\n.*\n?.*input_size/],
    ['a rectangle', { input_size: [3, 8, 18] }, /input_size of 8x18 with crop_mode "center" is not followed/],
  ])("refuses timm's config with %s", (_, json, message) => {
    expect(() => parseTimmProcessorConfig(json, 'config')).toThrow(message);
  });
});

describe('VideoProcessor', () => {
  const { config, from } = golden.video;
  const processor = new VideoProcessor(make(config));
  const frame = picture(...from);
  const negative = { ...frame, data: frame.data.map((level) => 255 - level) };

  it('answers as transformers does', async () => {
    const { data, frames, height, width } = await processor.process([frame, negative]);
    expect([frames, 3, height, width]).toEqual(golden.video.shape);
    expectPixels(data, golden.video);
  });

  it('puts videos of equally many frames into a batch', async () => {
    const batch = await processor.processBatch([
      [frame, negative],
      [negative, negative],
    ]);
    expect(batch.shape).toEqual([2, 2, 3, 11, 10]);
    const data = (await batch.data()) as Float32Array;
    const item = data.length / 4;
    expect(data.slice(item, 2 * item)).toEqual(data.slice(3 * item));
    await expect(processor.processBatch([[frame], [frame, frame]])).rejects.toThrow(
      '[video-processor] video 1 has 2 frames, the first 1; sample equally many of each',
    );
    await expect(processor.processBatch([])).rejects.toThrow(/at least one/);
  });
});
