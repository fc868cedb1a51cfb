import { encodeFeatures, loadEncoder, loadProcessor } from '@ocelli/backbones';
import { emojiClips, motions } from '@ocelli/emoji-scenes';
import { expect, it } from 'vitest';
import { videoModelDirectory } from '../../src/index.js';

it('class tokens of the published model tell motions that a single frame does not', async () => {
  const encoder = loadEncoder(videoModelDirectory);
  const processor = loadProcessor(videoModelDirectory);
  if (processor.kind !== 'video') throw new Error(`a processor for ${processor.kind}`);
  const { inputShape, width } = encoder.config;
  const frames = inputShape[0]!;
  const layers = 4;

  /** Share of clips whose motion's mean feature is the nearest, means being taken of others. */
  const accuracy = async (still: boolean): Promise<number> => {
    const dataset = emojiClips({ split: 'train', seed: 9, size: 240, imageSize: 48, still });
    const features: Float32Array[] = [];
    const labels: number[] = [];
    for await (const { media, clip } of dataset) {
      const all = (await media.video.render()).frames;
      const seen = Array.from(
        { length: frames },
        (_, i) => all[Math.floor(((i + 0.5) * all.length) / frames)]!,
      );
      using pixels = await processor.processBatch([seen]);
      using feature = encodeFeatures(encoder, pixels, { layers, tokens: 'class' });
      features.push(await feature.data());
      labels.push(motions.indexOf(clip.motion));
    }
    const half = features.length / 2;
    const means = motions.map((_, motion) => {
      const own = features.slice(0, half).filter((__, i) => labels[i] === motion);
      return Float32Array.from(
        { length: layers * width },
        (__, at) => own.reduce((sum, x) => sum + x[at]!, 0) / own.length,
      );
    });
    const right = features.slice(half).filter((x, i) => {
      const distances = means.map((mean) => mean.reduce((sum, value, at) => sum + (x[at]! - value) ** 2, 0));
      return distances.indexOf(Math.min(...distances)) === labels[half + i];
    });
    return right.length / half;
  };
  expect(await accuracy(false)).toBeGreaterThan(0.6);
  // A tenth, to three standard deviations of 120 guesses.
  expect(await accuracy(true)).toBeLessThan(0.185);
});
