import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadEncoder, loadProcessor, parseVitConfig, VitModel } from '@ocelli/backbones';
import { emojiClips } from '@ocelli/emoji-scenes';
import { noGrad, readSafetensors, scope, slice, type Tensor, tensor } from '@ocelli/ops';
import { expect, it } from 'vitest';
import { visionModelDirectory } from '../../src/index.js';
import { beginAsVit, timesformerConfigOf } from './begin.js';
import { defaultOptions } from './options.js';
import { saveVideoModel } from './save.js';

const origin = join(visionModelDirectory, 'config.json');
const vitConfig = parseVitConfig(JSON.parse(readFileSync(origin, 'utf8')), origin);
const file = readSafetensors(join(visionModelDirectory, 'model.safetensors'));
const source = { description: 'test', has: () => true, load: (name: string) => file.load(name) };
const vit = new VitModel(vitConfig, source, 'test', { trainable: true });
const frames = 4;
const area = 3 * 48 * 48;

const picture = Float32Array.from({ length: area }, (_, i) => Math.sin(i / 7) - 1);
const video = Float32Array.from({ length: frames * area }, (_, i) => picture[i % area]!);

it('sees in a still what the ViT sees in the picture, until attention over time has learnt something', async () => {
  const config = timesformerConfigOf(vitConfig, frames);
  const model = beginAsVit(vit.namedParameters(), config);
  const times = model.namedParameters().get('embeddings.time_embeddings')!;
  const classOf = (x: Tensor) => slice(x, 1, 0, 1).data();
  const ofPicture = noGrad(() => vit.forward(tensor(picture, [1, 3, 48, 48])).lastHiddenState);
  const ofVideo = () => noGrad(() => model.forward(tensor(video, [1, frames, 3, 48, 48])).lastHiddenState);

  const timed = await classOf(ofVideo());
  times.write(new Float32Array(times.size));
  const [seen, expected] = [await classOf(ofVideo()), await classOf(ofPicture)];
  // Sums of 128 products over six blocks, in another order.
  for (const [i, value] of expected.entries()) expect(Math.abs(seen[i]! - value)).toBeLessThan(1e-3);
  expect(Math.max(...timed.map((value, i) => Math.abs(value - expected[i]!)))).toBeGreaterThan(1e-2);

  model
    .namedParameters()
    .get('encoder.layer.0.temporal_dense.bias')!
    .write(Float32Array.from({ length: 128 }, (_, i) => i % 2));
  const changed = await classOf(ofVideo());
  expect(Math.max(...changed.map((value, i) => Math.abs(value - expected[i]!)))).toBeGreaterThan(1e-2);
});

it('is written as transformers names it, and read back the same', async () => {
  const config = timesformerConfigOf(vitConfig, 8);
  const model = beginAsVit(vit.namedParameters(), config);
  const directory = mkdtempSync(join(tmpdir(), 'ocelli-video-model-'));
  const score = [{ concept: 0.5, motion: 0.25, background: 1 }];
  const report = { steps: 1, clips: 8, seconds: 60 };
  const results = { onFrames: report, onClips: report, training: score, validation: score };
  const run = { command: 'npm run make:video-model', options: defaultOptions, results, earlier: null };
  await saveVideoModel(directory, model, config, run, 170);
  expect(readFileSync(join(directory, 'README.md'), 'utf8')).toContain(
    '| emojione, never trained on | 6 | 50.0 | 25.0 | 100.0 |',
  );

  const processor = loadProcessor(directory);
  if (processor.kind !== 'video') throw new Error(`a processor for ${processor.kind}`);
  const { media } = await emojiClips({ split: 'train', size: 1, imageSize: 48 }).sample(0);
  const clip = (await media.video.render()).frames;
  const pixels = await processor.processBatch([clip]);
  // White is 0, black -2.
  expect((await pixels.data())[0]).toBeCloseTo((clip[0]!.data[0]! / 255 - 1) / 0.5, 5);

  const loaded = loadEncoder(directory);
  expect(loaded.config).toEqual(model.config);
  const [before, after] = scope(() =>
    noGrad(() => [model, loaded].map((one) => one.forward(pixels).lastHiddenState.data())),
  );
  const [one, other] = [await before!, await after!];
  // Only the time embeddings are rounded to bfloat16 (to one part in 256 of 0.3); the ViT's weights are such already.
  const error = Math.max(...one.map((value, i) => Math.abs(value - other[i]!)));
  expect(error).toBeLessThan(0.1);
  expect(error).toBeLessThan(0.03 * Math.max(...one.map(Math.abs)));
});
