import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadEncoder, loadProcessor } from '@ocelli/backbones';
import type { Media, Pixels } from '@ocelli/datasets';
import { Random } from '@ocelli/ops';
import { beforeAll, expect, test } from 'vitest';
import { makeTinyBackbones } from '../../test/tiny-backbones.js';
import { makeTinyEncoder } from '../../test/tiny-encoders.js';
import { EncoderInput } from './encoder-input.js';

const root = mkdtempSync(join(tmpdir(), 'ocelli-augmentation-'));
const inputs: Record<string, EncoderInput> = {};
beforeAll(async () => {
  const { encoder } = await makeTinyBackbones(root);
  for (const [name, directory] of [
    ['image', encoder],
    ['video', await makeTinyEncoder(root, 'video')],
    ['audio', await makeTinyEncoder(root, 'audio')],
  ] as const)
    inputs[name] = new EncoderInput(loadEncoder(directory), loadProcessor(directory), { frames: 4 });
});

/** Left bright, right dark, with some noise. */
function picture(seed: number): Pixels {
  const random = new Random(seed);
  const data = Uint8Array.from({ length: 24 * 24 * 3 }, (_, i) =>
    Math.floor(i / 3) % 24 < 12 ? 200 + random.integer(56) : random.integer(56),
  );
  return { data, width: 24, height: 24, channels: 3 };
}
const still = (seed: number): Media => ({ image: { kind: 'pixels', ...picture(seed) } });
const film: Media = {
  video: {
    kind: 'frames',
    frames: Array.from({ length: 32 }, (_, n) => picture(n)),
    times: Array.from({ length: 32 }, (_, n) => n / 32),
    duration: 1,
  },
};
const noise: Media = {
  audio: {
    kind: 'waveform',
    samples: Float32Array.from({ length: 16_000 }, (_, n) => Math.sin(n * n * 0.001)),
    samplingRate: 16_000,
  },
};

const versions = [0, 1, 2, 3, 4, 5, 6, 7];
async function versionsOf(name: string, media: Media, flip = true): Promise<Float32Array[]> {
  const read = (version: number) => inputs[name]!.augmented({ version, flip }).of(media).read();
  return (await Promise.all(versions.map(read))).map(({ data }) => data);
}

test.each([
  ['image', still(1)],
  ['image', film],
  ['video', film],
  ['audio', noise],
] as const)('versions for an encoder of %s differ, and repeat', async (name, media) => {
  const first = await versionsOf(name, media);
  const second = await versionsOf(name, media);
  expect(second).toEqual(first);
  const plain = await inputs[name]!.of(media).read();
  const distinct = new Set([plain.data, ...first].map((data) => Buffer.from(data.buffer).toString('base64')));
  expect(distinct.size).toBe(versions.length + 1);
  const keys = await Promise.all([
    inputs[name]!.of(media).key(),
    ...versions.map((version) => inputs[name]!.augmented({ version, flip: true }).of(media).key()),
    inputs[name]!.augmented({ version: 0, flip: false }).of(media).key(),
  ]);
  expect(new Set(keys.map(({ processor }) => processor)).size).toBe(versions.length + 2);
  expect(new Set(keys.map((key) => key.media)).size).toBe(1);
});

test('other pictures are varied otherwise', async () => {
  const [a, b] = await Promise.all([1, 2].map((seed) => versionsOf('image', still(seed))));
  expect(a![0]).not.toEqual(b![0]);
});

test('frames of a video are varied alike', async () => {
  for (const data of await versionsOf('video', still(3))) {
    const size = data.length / 4;
    for (const frame of [1, 2, 3])
      expect(data.subarray(frame * size, (frame + 1) * size)).toEqual(data.subarray(0, size));
  }
});

test('pictures are mirrored half of the time, or never', async () => {
  const brighterLeft = (data: Float32Array): boolean => {
    let difference = 0; // of what [3, 16, 16] holds left and right
    for (const [i, value] of data.entries()) difference += i % 16 < 8 ? value : -value;
    return difference > 0;
  };
  const mirrored = async (flip: boolean): Promise<number> => {
    let count = 0;
    for (const seed of [1, 2, 3, 4])
      for (const data of await versionsOf('image', still(seed), flip)) if (!brighterLeft(data)) count++;
    return count;
  };
  // A crop of the bright side that is moved to the right looks mirrored; few do.
  expect(await mirrored(false)).toBeLessThan(3);
  const count = await mirrored(true); // of 32
  expect(count).toBeGreaterThan(6);
  expect(count).toBeLessThan(26);
});

test('SpecAugment masks bands and frames, and nothing else', async () => {
  const { data: plain } = await inputs.audio!.of(noise).read();
  const masked = (0 + 4.2677393) / (2 * 4.5689974); // of zeros, normalised as AST's are
  let changes = 0;
  for (const data of await versionsOf('audio', noise)) {
    for (const [i, value] of data.entries()) {
      if (value === plain[i]) continue;
      changes++;
      expect(value).toBeCloseTo(masked, 6);
    }
  }
  expect(changes).toBeGreaterThan(0);
});
