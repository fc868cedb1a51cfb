import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { picture } from '../../test/picture.js';
import { ImageProcessor, loadImageProcessor } from './image-processor.js';
import { parseImageProcessorConfig } from './image-processor-config.js';
import type { RgbImage } from './resize-image.js';

const golden = JSON.parse(
  readFileSync(new URL('../../test/image-processor.json', import.meta.url), 'utf8'),
) as {
  cases: {
    config: Record<string, unknown>;
    results: { from: [number, number]; shape: [number, number, number]; data: string }[];
  }[];
};
const half: [number, number, number] = [0.5, 0.5, 0.5];
const vit = {
  image_processor_type: 'ViTImageProcessor',
  size: { height: 12, width: 16 },
  resample: 2,
  image_mean: half,
  image_std: half,
};
const make = (json: object) => new ImageProcessor(parseImageProcessorConfig(json, 'config'));

describe('ImageProcessor', () => {
  it.each(golden.cases)('answers as transformers does: $config', async ({ config, results }) => {
    const processor = make(config);
    for (const { from, shape, data: expectedBase64 } of results) {
      const bytes = Buffer.from(expectedBase64, 'base64');
      const expected = new Float32Array(
        bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength),
      );
      const { data, height, width } = await processor.process(picture(...from));
      expect([3, height, width]).toEqual(shape);
      for (const [i, value] of data.entries()) {
        // transformers rounds to float32 after each of its three steps.
        if (!(Math.abs(value - expected[i]!) <= 4e-7 * Math.max(1, Math.abs(expected[i]!)))) {
          throw new Error(`pixel ${i} of ${from}: got ${value}, expected ${expected[i]}`);
        }
      }
    }
  });

  it('reads the folder of a checkpoint', async () => {
    const folder = fileURLToPath(new URL('../../test/fixtures/vit-non-square', import.meta.url));
    const processor = loadImageProcessor(folder);
    expect(processor.outputSize).toEqual({ height: 24, width: 40 });
    const pixels = await processor.processBatch([picture(40, 24), picture(31, 50)]);
    expect(pixels.shape).toEqual([2, 3, 24, 40]);
    const values = await pixels.data();
    const { data } = picture(40, 24); // has the right size already: not resampled
    expect(values[0]).toBe(Math.fround((data[0]! / 255 - 0.5) / 0.5));
    expect(values[24 * 40 * 3 - 1]).toBe(Math.fround((data.at(-1)! / 255 - 0.5) / 0.5));
  });

  it('has a fingerprint of its arithmetic only', () => {
    const processor = make(vit);
    expect(make({ ...vit, do_resize: true, crop_size: null, do_convert_rgb: true }).fingerprint).toBe(
      processor.fingerprint,
    );
    const others = [
      { ...vit, resample: 3 },
      { ...vit, size: 12 },
      { ...vit, image_mean: [0.5, 0.5, 0.4] },
      { ...vit, do_rescale: false },
      { ...vit, do_normalize: false },
      { ...vit, crop_size: 8 },
    ].map((json) => make(json).fingerprint);
    expect(new Set([processor.fingerprint, ...others]).size).toBe(7);
  });

  it.each<[string, object, RegExp]>([
    [
      'an unknown step',
      { ...vit, do_pad: true },
      /\[image-processor\] config: key "do_pad" is true, which Ocelli does not know/,
    ],
    ['an unknown number', { ...vit, crop_pct: 0.9 }, /key "crop_pct" is 0.9/],
    [
      'another processor',
      { ...vit, image_processor_type: 'ConvNextImageProcessor' },
      /is for ConvNextImageProcessor; Ocelli follows those of ViT, DeiT, CLIP, Bit/,
    ],
    [
      'another processor with a known flag',
      { ...vit, image_processor_type: 'X', default_to_square: true },
      /is for X/,
    ],
    ['no size', { ...vit, size: null }, /key "size" is missing/],
    ['no filter', { ...vit, resample: undefined }, /key "resample" is missing/],
    ['no mean', { ...vit, image_mean: undefined }, /key "image_mean" is missing/],
    [
      'a longest edge',
      { ...vit, size: { shortest_edge: 3, longest_edge: 5 } },
      /cannot be followed:\n.*\n?.*size/,
    ],
    ['a filter that Pillow has not', { ...vit, resample: 6 }, /cannot be followed:\n.*\n?.*resample/],
    ['a crop without size', { ...vit, do_center_crop: true }, /key "crop_size" is missing/],
  ])('refuses a config with %s', (_, json, message) => {
    expect(() => make(json)).toThrow(message);
  });

  it('refuses images that do not fit', async () => {
    const processor = make({ ...vit, do_resize: false, crop_size: 10 });
    await expect(processor.process(picture(9, 30))).rejects.toThrow(
      /an image of 9x30 is 9x30 after resizing, less than the crop of 10x10/,
    );
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

  it('says which file is missing or broken', () => {
    const folder = mkdtempSync(join(tmpdir(), 'ocelli-processor-'));
    expect(() => loadImageProcessor(folder)).toThrow(
      /preprocessor_config.json: does not exist; add the file/,
    );
    writeFileSync(join(folder, 'preprocessor_config.json'), '{');
    expect(() => loadImageProcessor(folder)).toThrow(/preprocessor_config.json: is not JSON/);
    writeFileSync(join(folder, 'preprocessor_config.json'), '[]');
    expect(() => loadImageProcessor(folder)).toThrow(/preprocessor_config.json: cannot be followed/);
    rmSync(folder, { recursive: true });
  });
});
