import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { picture } from '../../test/picture.js';
import { AudioProcessor } from './audio-processor.js';
import { ImageProcessor } from './image-processor.js';
import { loadImageProcessor, loadProcessor } from './load-processor.js';
import { VideoProcessor } from './video-processor.js';

const fixture = (name: string): string =>
  fileURLToPath(new URL(`../../test/fixtures/${name}`, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'ocelli-processor-'));
const write = (name: string, json: unknown): void =>
  writeFileSync(join(folder, name), typeof json === 'string' ? json : JSON.stringify(json));

beforeEach(() => {
  for (const name of [
    'processor_config.json',
    'preprocessor_config.json',
    'video_preprocessor_config.json',
    'config.json',
  ])
    rmSync(join(folder, name), { force: true });
});
afterAll(() => rmSync(folder, { recursive: true }));

it("reads an image processor from a checkpoint's folder", async () => {
  const processor = loadImageProcessor(fixture('vit-non-square'));
  expect(processor.outputSize).toEqual({ height: 24, width: 40 });
  const pixels = await processor.processBatch([picture(40, 24), picture(31, 50)]);
  expect(pixels.shape).toEqual([2, 3, 24, 40]);
  const values = await pixels.data();
  const { data } = picture(40, 24); // has the right size already: not resampled
  expect(values[0]).toBe(Math.fround((data[0]! / 255 - 0.5) / 0.5));
  expect(values[24 * 40 * 3 - 1]).toBe(Math.fround((data.at(-1)! / 255 - 0.5) / 0.5));
});

it.each([
  ['preprocessor_config.json', { image_processor_type: 'BitImageProcessor' }, ImageProcessor, 'image'],
  [
    'preprocessor_config.json',
    { feature_extractor_type: 'VideoMAEFeatureExtractor' },
    VideoProcessor,
    'video',
  ],
  [
    'video_preprocessor_config.json',
    { video_processor_type: 'TimesformerVideoProcessor' },
    VideoProcessor,
    'video',
  ],
  ['preprocessor_config.json', { feature_extractor_type: 'ASTFeatureExtractor' }, AudioProcessor, 'audio'],
  [
    'preprocessor_config.json',
    { feature_extractor_type: 'WhisperFeatureExtractor' },
    AudioProcessor,
    'audio',
  ],
  [
    'processor_config.json',
    { feature_extractor: { feature_extractor_type: 'WhisperFeatureExtractor' } },
    AudioProcessor,
    'audio',
  ],
  ['config.json', { pretrained_cfg: { input_size: [3, 8, 8] } }, ImageProcessor, 'image'],
])('chooses by what %s names: %o', (name, json, type, kind) => {
  write(name, json);
  const processor = loadProcessor(folder);
  expect(processor).toBeInstanceOf(type);
  expect(processor.kind).toBe(kind);
});

it("reads timm's config", () => {
  copyFileSync(join(fixture('vit-augreg'), 'config.json'), join(folder, 'config.json'));
  expect(loadImageProcessor(folder).config).toEqual({
    resize: { to: { shortestEdge: 35 }, filter: 'bicubic' },
    centerCrop: { height: 32, width: 32 },
    cropOrigin: 'half-even',
    rescaleFactor: 1 / 255,
    normalize: { mean: [0.5, 0.5, 0.5], standardDeviation: [0.5, 0.5, 0.5] },
  });
});

it('says which file is missing or broken', () => {
  expect(() => loadProcessor(folder)).toThrow(/preprocessor_config.json: does not exist; add the file/);
  write('config.json', { model_type: 'vit' });
  expect(() => loadProcessor(folder)).toThrow(/preprocessor_config.json: does not exist; add the file/);
  write('preprocessor_config.json', '{');
  expect(() => loadProcessor(folder)).toThrow(/preprocessor_config.json: is not JSON/);
  for (const json of [
    '[]',
    'null',
    '3',
    '"text"',
    '{"image_processor_type": 3}',
    '{"feature_extractor_type": {}}',
  ]) {
    write('preprocessor_config.json', json);
    expect(() => loadProcessor(folder), json).toThrow(
      /preprocessor_config.json: (cannot be followed|is for)/,
    );
  }
  write('preprocessor_config.json', { feature_extractor_type: 'Wav2Vec2FeatureExtractor' });
  expect(() => loadProcessor(folder)).toThrow(/is for Wav2Vec2FeatureExtractor; Ocelli follows those of ViT/);
  write('preprocessor_config.json', { feature_extractor_type: 'ASTFeatureExtractor' });
  write('processor_config.json', { processor_class: 'CLIPProcessor' }); // holds none: the other file does
  expect(() => loadImageProcessor(folder)).toThrow(/holds a processor for audio; open it with loadProcessor/);
});
