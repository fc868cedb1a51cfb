import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AudioProcessor, encodeFeatures, loadProcessor } from '@ocelli/backbones';
import {
  type DatasetError,
  FeatureCache,
  type ImageSource,
  loadImage,
  type Media,
  type Pixels,
  type Video,
  type Waveform,
} from '@ocelli/datasets';
import { noGrad, Random } from '@ocelli/ops';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeTinyBackbones } from '../../test/tiny-backbones.js';
import { makeTinyEncoder } from '../../test/tiny-encoders.js';
import { EncoderInput } from './encoder-input.js';
import { FeatureEncoder } from './feature-encoder.js';
import { locateBackbones } from './locate-backbones.js';
import { mediaOf } from './media-input.js';
import { type Backbones, openBackbones } from './open-backbones.js';

const root = mkdtempSync(join(tmpdir(), 'ocelli-input-'));
const opened: Record<string, Backbones> = {};

async function open(encoder: string, languageModel: string, frames?: number): Promise<Backbones> {
  return openBackbones(await locateBackbones({ encoder, languageModel }), { inputs: { frames } });
}

beforeAll(async () => {
  const { encoder, languageModel } = await makeTinyBackbones(root);
  opened.image = await open(encoder, languageModel);
  opened.threeFrames = await open(encoder, languageModel, 3);
  opened.mean = openBackbones(await locateBackbones({ encoder, languageModel }), {
    inputs: { severalPictures: 'mean' },
  });
  opened.video = await open(await makeTinyEncoder(root, 'video'), languageModel);
  opened.twoFrames = await open(await makeTinyEncoder(root, 'video'), languageModel, 2);
  opened.audio = await open(await makeTinyEncoder(root, 'audio'), languageModel);
});
afterAll(() => {
  for (const backbones of Object.values(opened)) backbones.dispose();
});

const request = { layers: 2, tokens: 'class' } as const;

async function featuresOf(backbones: Backbones, ...media: Media[]): Promise<Float32Array[]> {
  const table = await new FeatureEncoder({ ...backbones, batchSize: 4 }).encode(media, request);
  return media.map((_, item) => table.row(item));
}

function picture(seed: number): Pixels {
  const random = new Random(seed);
  const data = Uint8Array.from({ length: 20 * 20 * 3 }, () => random.integer(256));
  return { data, width: 20, height: 20, channels: 3 };
}

/** Eight frames of an eighth of a second, each of its own. */
function film(seed: number): Video {
  const frames = Array.from({ length: 8 }, (_, n) => picture(100 * seed + n));
  return { frames, times: frames.map((_, n) => n / 8), duration: 1 };
}

function noise(seed: number, samplingRate = 16_000, seconds = 0.6): Waveform {
  const random = new Random(seed);
  return {
    samples: Float32Array.from({ length: samplingRate * seconds }, () => random.uniform() - 0.5),
    samplingRate,
  };
}

function expectClose(actual: Float32Array, expected: ArrayLike<number>): void {
  expect(actual).toHaveLength(expected.length);
  for (const [i, value] of actual.entries()) expect(value).toBeCloseTo(expected[i]!, 4);
}

describe('an encoder of pictures', () => {
  test('sees the frames of a video one by one, and averages them', async () => {
    const video = film(1);
    const [average] = await featuresOf(opened.threeFrames!, { video: { kind: 'frames', ...video } });
    // The middles of three parts of a second are at 1/6, 1/2 and 5/6: frames 1, 4 and 6.
    const single = await featuresOf(
      opened.threeFrames!,
      ...[1, 4, 6].map((n): Media => ({ image: { kind: 'pixels', ...video.frames[n]! } })),
    );
    expectClose(
      average!,
      Array.from(average!, (_, i) => single.reduce((sum, row) => sum + row[i]! / 3, 0)),
    );
  });

  test('sees a still video as the picture, and prefers a picture where there is one', async () => {
    const image: ImageSource = { kind: 'pixels', ...picture(5) };
    const still = { frames: [picture(5)], times: [0], duration: 0 };
    const [asPicture, asVideo, both] = await featuresOf(
      opened.image!,
      { image },
      { video: { kind: 'frames', ...still } },
      { image, video: { kind: 'frames', ...film(2) } },
    );
    expectClose(asVideo!, asPicture!);
    expectClose(both!, asPicture!);
  });

  test('sees pictures that belong together beside each other, or each and the mean of them', async () => {
    const [left, right] = [picture(5), picture(6)];
    const images = (...all: Pixels[]): Media => ({
      images: all.map((one): ImageSource => ({ kind: 'pixels', ...one })),
    });
    const single = (one: Pixels): Media => ({ image: { kind: 'pixels', ...one } });
    // A gap of a twentieth of 20 pixels.
    const wide = new Uint8Array(3 * 41 * 20).fill(128);
    for (let y = 0; y < 20; y++) {
      wide.set(left.data.subarray(60 * y, 60 * y + 60), 123 * y);
      wide.set(right.data.subarray(60 * y, 60 * y + 60), 123 * y + 63);
    }
    const joined = single({ data: wide, width: 41, height: 20, channels: 3 });
    const [both, expected, swapped, alone, lone] = await featuresOf(
      opened.image!,
      images(left, right),
      joined,
      images(right, left),
      images(left),
      single(left),
    );
    expectClose(both!, expected!);
    expect(Math.max(...both!.map((value, i) => Math.abs(value - swapped![i]!)))).toBeGreaterThan(1e-3);
    expectClose(alone!, lone!);

    const [mean, first, second] = await featuresOf(
      opened.mean!,
      images(left, right),
      single(left),
      single(right),
    );
    expectClose(
      mean!,
      Array.from(first!, (value, i) => (value + second![i]!) / 2),
    );
    const keys = await Promise.all(
      [opened.image!, opened.mean!].flatMap(({ input }) =>
        [images(left, right), images(right, left)].map((media) => input.of(media).key()),
      ),
    );
    expect(new Set(keys.map((key) => JSON.stringify(key))).size).toBe(4);
    // Alone as among others.
    expectClose((await featuresOf(opened.mean!, images(left, right)))[0]!, mean!);
    expectClose((await featuresOf(opened.image!, images(left, right)))[0]!, both!);
  });

  test('does not mix media of a batch, whose rows are more than it takes at once', async () => {
    const media: Media[] = [
      { video: { kind: 'frames', ...film(1) } },
      { image: { kind: 'pixels', ...picture(7) } },
      { video: { kind: 'frames', ...film(3) } },
    ];
    const together = await featuresOf(opened.image!, ...media);
    for (const [item, each] of media.entries())
      expectClose(together[item]!, (await featuresOf(opened.image!, each))[0]!);
  });

  test('hears nothing', async () => {
    const sound: Media = { audio: { kind: 'waveform', ...noise(1) } };
    expect(() => opened.image!.input.of(sound)).toThrow(
      '[encoder] the encoder takes image, and there is audio',
    );
    expect(() => opened.image!.input.of({})).toThrow('there is nothing');
  });
});

describe('an encoder of videos', () => {
  test('is given the frames at the middles of as many parts as it takes', async () => {
    const video = film(1);
    for (const [backbones, shown] of [
      [opened.video!, [1, 3, 5, 7]],
      [opened.twoFrames!, [2, 6]],
    ] as const) {
      expect(backbones.encoder.config.inputShape[0]).toBe(shown.length);
      const processor = loadProcessor(join(root, 'video-encoder-1'));
      if (processor.kind !== 'video') throw new Error('no processor of videos');
      using input = await processor.processBatch([shown.map((n) => video.frames[n]!)]);
      using expected = noGrad(() => encodeFeatures(backbones.encoder, input, request));
      const [features] = await featuresOf(backbones, { video: { kind: 'frames', ...video } });
      expectClose(features!, (await expected.data()) as Float32Array);
    }
  });

  test('tells the order of frames, and sees a picture as a video that stands still', async () => {
    const forward = film(1);
    const backward = { ...forward, frames: [...forward.frames].reverse() };
    const still = { frames: [picture(5)], times: [0], duration: 0 };
    const [a, b, fromPicture, fromStill] = await featuresOf(
      opened.video!,
      { video: { kind: 'frames', ...forward } },
      { video: { kind: 'frames', ...backward } },
      { image: { kind: 'pixels', ...picture(5) } },
      { video: { kind: 'frames', ...still } },
    );
    expect(Math.max(...a!.map((value, i) => Math.abs(value - b![i]!)))).toBeGreaterThan(1e-3);
    expectClose(fromPicture!, fromStill!);
  });
});

describe('an encoder of sound', () => {
  test('is given the filter bank of one channel at its own rate', async () => {
    const clip = noise(1);
    const processor = loadProcessor(join(root, 'audio-encoder-1')) as AudioProcessor;
    expect(processor.seconds).toBeCloseTo(0.025 + 47 * 0.01, 9);
    using input = await processor.processBatch([clip]);
    using expected = noGrad(() => encodeFeatures(opened.audio!.encoder, input, request));
    const [features] = await featuresOf(opened.audio!, { audio: { kind: 'waveform', ...clip } });
    expectClose(features!, (await expected.data()) as Float32Array);
  });

  test('hears the same in a tone of any rate, and takes silence and what is shorter than a frame', async () => {
    const tone = (samplingRate: number): Media => ({
      audio: {
        kind: 'waveform',
        samplingRate,
        samples: Float32Array.from(
          { length: samplingRate },
          (_, n) => 0.5 * Math.sin((2 * Math.PI * 900 * n) / samplingRate),
        ),
      },
    });
    const silence: Media = {
      audio: { kind: 'waveform', samples: new Float32Array(16_000), samplingRate: 16_000 },
    };
    const click: Media = { audio: { kind: 'waveform', samples: Float32Array.of(0.5), samplingRate: 16_000 } };
    const rows = await featuresOf(opened.audio!, tone(16_000), tone(48_000), tone(44_100), silence, click);
    const distance = (a: Float32Array, b: Float32Array) => Math.hypot(...a.map((value, i) => value - b[i]!));
    const toSilence = distance(rows[0]!, rows[3]!);
    for (const row of rows) for (const value of row) expect(Number.isFinite(value)).toBe(true);
    expect(distance(rows[0]!, rows[1]!)).toBeLessThan(0.1 * toSilence);
    expect(distance(rows[0]!, rows[2]!)).toBeLessThan(0.1 * toSilence);
  });

  test('does not see', () => {
    expect(() => opened.audio!.input.of({ image: { kind: 'pixels', ...picture(1) } })).toThrow(
      'the encoder takes audio, and there is image',
    );
    expect(() => opened.audio!.input.of({ video: { kind: 'frames', ...film(1) } })).toThrow('there is video');
  });
});

test('caches follow the frames and the clip, and are read without decoding', async () => {
  const backbones = { image: opened.image!, three: opened.threeFrames!, video: opened.video! };
  let drawn = 0;
  const media: Media[] = [1, 2].map((seed) => ({
    video: {
      kind: 'rendered',
      key: `film/${seed}`,
      render: async () => {
        drawn++;
        return film(seed);
      },
    },
  }));
  const run = async (each: Backbones) => {
    await using cache = await FeatureCache.open(join(root, 'cache'));
    return await new FeatureEncoder({ ...each, cache }).encode(media, request);
  };
  const first = await run(backbones.image);
  expect(drawn).toBe(2);
  const again = await run(backbones.image);
  expect(drawn).toBe(2);
  for (const item of [0, 1]) expect(again.row(item)).toEqual(first.row(item));
  expect((await run(backbones.three)).row(0)).not.toEqual(first.row(0));
  await run(backbones.video);
  expect(drawn).toBe(6);
});

test('what is broken is named, and left out if that is wished', async () => {
  writeFileSync(join(root, 'broken.jpg'), 'no picture');
  const broken = { image: { kind: 'file', path: join(root, 'broken.jpg') } } as const;
  const gone = { image: { kind: 'file', path: join(root, 'gone.jpg') } } as const;
  const media: Media[] = [{ image: { kind: 'pixels', ...picture(1) } }, broken, gone];
  await using cache = await FeatureCache.open(join(root, 'broken-cache'));
  for (const options of [opened.image!, { ...opened.image!, cache }]) {
    const encoder = new FeatureEncoder(options);
    await expect(encoder.encode(media, request)).rejects.toThrow(/cannot (read|decode) .*(broken|gone)\.jpg/);
    const errors = new Map<number, DatasetError>();
    const table = await encoder.encode(media, request, {
      onBroken: (item, error) => void errors.set(item, error),
    });
    expect([...errors.keys()].sort()).toEqual([1, 2]);
    expect(errors.get(1)!.message).toContain('broken.jpg');
    expect(media.map((_, item) => table.has(item))).toEqual([true, false, false]);
  }
});

test('a processor has to make what its encoder takes', () => {
  const audio = loadProcessor(join(root, 'audio-encoder-1'));
  expect(() => new EncoderInput(opened.image!.encoder, audio)).toThrow(
    'makes audio of 48x24, config.json expects image of 16x16',
  );
});

test('a file says what it is by its content, or by its name where that is a picture', async () => {
  const { encodePng } = await import('../report/index.js');
  const path = join(root, 'picture.bin');
  writeFileSync(path, encodePng(picture(1)));
  const media = await mediaOf(path);
  expect(media).toEqual({ image: { kind: 'file', path } });
  expect((await loadImage(media.image!)).width).toBe(20);
  expect(await mediaOf(join(root, 'broken.jpg'))).toHaveProperty('image');
  writeFileSync(join(root, 'sound.wav'), 'RIFF');
  expect(Object.keys(await mediaOf(join(root, 'sound.wav')))).toEqual(['video', 'audio']);
  writeFileSync(join(root, 'bitmap.bmp'), 'BM');
  expect(Object.keys(await mediaOf(join(root, 'bitmap.bmp')))).toEqual(['image']);
  expect(await mediaOf(picture(2))).toMatchObject({ image: { kind: 'pixels', width: 20 } });
  const sample: Media = { video: { kind: 'frames', ...film(1) } };
  expect(await mediaOf(sample)).toBe(sample);
  await expect(mediaOf(root)).rejects.toThrow(`cannot read ${root} (it is a folder)`);
  await expect(mediaOf(join(root, 'gone.wav'))).rejects.toThrow('[dataset] cannot read');
});
