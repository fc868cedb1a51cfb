import { loadAudio, loadImage, type Pixels, type Video, type Waveform } from '@ocelli/datasets';
import { describe, expect, it } from 'vitest';
import { encodeWav } from './encode-wav.js';
import { addressOf, wordFor } from './media-data.js';
import { reportMedia } from './report-media.js';
import { melHeight } from './spectrogram.js';

const bytesOf = (address: string): Buffer => Buffer.from(address.slice(address.indexOf(',') + 1), 'base64');
const pixelsOf = (address: string): Promise<Pixels> => loadImage({ kind: 'bytes', data: bytesOf(address) });

function plain(colour: readonly number[], width: number, height: number): Pixels {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < data.length; i++) data[i] = colour[i % 3]!;
  return { data, width, height, channels: 3 };
}

const tone = (hertz: number, seconds: number, samplingRate: number, level = 0.5): Waveform => ({
  samples: Float32Array.from(
    { length: Math.round(seconds * samplingRate) },
    (_, n) => level * Math.sin((2 * Math.PI * hertz * n) / samplingRate),
  ),
  samplingRate,
});

describe('reportMedia', () => {
  it('keeps every pixel of a small picture', async () => {
    const pixels = plain([1, 90, 201], 31, 17);
    const media = await reportMedia(pixels);
    expect(media.kind).toBe('picture');
    expect(await pixelsOf(addressOf(media))).toEqual(pixels);
  });

  it('makes a large picture small', async () => {
    const media = await reportMedia(plain([20, 120, 220], 2000, 1000));
    expect(addressOf(media)).toMatch(/^data:image\/webp;base64,/);
    const { width, height, data } = await pixelsOf(addressOf(media));
    expect([width, height]).toEqual([360, 180]);
    for (const [i, value] of [20, 120, 220].entries())
      expect(Math.abs(data[3 * 180 * 180 + i]! - value)).toBeLessThan(6);
  });

  it('lays the frames of a video beside each other, in their order', async () => {
    const colours = [
      [230, 20, 20],
      [20, 200, 20],
      [20, 20, 230],
    ];
    const frames = colours.map((colour) => plain(colour, 400, 300));
    const media = await reportMedia({ frames, times: [0, 1, 2], duration: 3 });
    expect(media).toMatchObject({ kind: 'video', frames: 3, aspectRatio: 208 / 156, seconds: 3 });
    const strip = await pixelsOf(addressOf(media));
    expect([strip.width, strip.height]).toEqual([3 * 208, 156]);
    for (const [place, colour] of colours.entries()) {
      const at = 3 * (78 * strip.width + place * 208 + 104);
      for (const [i, value] of colour.entries())
        expect(Math.abs(strip.data[at + i]! - value), `${place}`).toBeLessThan(12);
    }
  });

  it('takes 16 of many frames, evenly, and shows a still as a picture', async () => {
    const levels = Array.from({ length: 160 }, (_, i) => plain([i, i, i], 8, 8));
    const video: Video = { frames: levels, times: levels.map((_, i) => i), duration: 160 };
    const media = await reportMedia(video);
    expect(media).toMatchObject({ kind: 'video', frames: 16 });
    const strip = await pixelsOf(addressOf(media));
    for (let i = 0; i < 16; i++)
      expect(Math.abs(strip.data[3 * (4 * strip.width + i * 8 + 4)]! - (10 * i + 5))).toBeLessThan(4);
    const still = { frames: levels.slice(0, 1), times: [0], duration: 0 };
    expect((await reportMedia(still)).kind).toBe('picture');
    await expect(reportMedia({ ...still, frames: [] })).rejects.toThrow(
      '[reportMedia] a video has no frames',
    );
  });

  it('brings sound to 16 bits at no more than 16 kHz and 10 seconds', async () => {
    const media = await reportMedia(tone(440, 12, 44_100));
    expect(media).toMatchObject({ kind: 'sound', seconds: 10, highest: 8000, isCut: true });
    const { samples, samplingRate } = await loadAudio({ kind: 'bytes', data: bytesOf(addressOf(media)) });
    expect(samplingRate).toBe(16_000);
    expect(samples.length).toBe(160_000);
    const expected = tone(440, 10, 16_000).samples;
    // Away from the ends, where the resampling sees zeros.
    for (let n = 1000; n < 159_000; n += 997)
      expect(Math.abs(samples[n]! - expected[n]!)).toBeLessThan(2 ** -13);
    const slow = await reportMedia(tone(200, 1, 8000));
    expect(slow).toMatchObject({ seconds: 1, highest: 4000, isCut: false });
    await expect(reportMedia({ samples: new Float32Array(0), samplingRate: 8000 })).rejects.toThrow(
      'no samples',
    );
  });
});

describe('encodeWav', () => {
  it('is read back to half a step of 16 bits, and clips', async () => {
    const samples = Float32Array.from([0, 0.25, -0.25, 1, -1, 3, -3, 1e-6]);
    const file = encodeWav({ samples, samplingRate: 22_050 });
    const read = await loadAudio({ kind: 'bytes', data: file });
    expect(read.samplingRate).toBe(22_050);
    for (const [n, sample] of samples.entries())
      expect(Math.abs(read.samples[n]! - Math.max(-1, Math.min(1, sample)))).toBeLessThan(2 ** -14);
  });
});

describe('the spectrogram', () => {
  it.each([
    [440, 16_000],
    [3000, 16_000],
    [150, 8000],
  ])('is brightest where a tone of %i Hz lies, and says where that is', async (hertz, samplingRate) => {
    const media = await reportMedia(tone(hertz, 1, samplingRate));
    if (media.kind !== 'sound') throw new Error('no sound');
    const { data, width, height } = await pixelsOf(media.spectrogram);
    expect([width, height]).toEqual([100, media.bands]);
    const lightness = (row: number) => data[3 * (row * width + 50) + 1]!;
    const rows = Array.from({ length: height }, (_, row) => lightness(row));
    const brightest = rows.indexOf(Math.max(...rows));
    const told = (1 - melHeight(hertz, media)) * height;
    expect(Math.abs(brightest + 0.5 - told)).toBeLessThan(1);
  });

  it('starts and ends with its sound', async () => {
    const { samples } = tone(1000, 1, 16_000);
    samples.fill(0, 0, 8000);
    const media = await reportMedia({ samples, samplingRate: 16_000 });
    if (media.kind !== 'sound') throw new Error('no sound');
    const { data, width, height } = await pixelsOf(media.spectrogram);
    const row = Math.floor((1 - melHeight(1000, media)) * height);
    const green = Array.from({ length: width }, (_, x) => data[3 * (row * width + x) + 1]!);
    const loudFrom = green.findIndex((level) => level > 200);
    expect(loudFrom).toBeGreaterThanOrEqual(48);
    expect(loudFrom).toBeLessThanOrEqual(50);
    expect(green.at(-1)).toBeGreaterThan(200);
  });

  it('is dark for silence, and there for a single sample', async () => {
    const silence = await reportMedia({ samples: new Float32Array(16_000), samplingRate: 16_000 });
    if (silence.kind !== 'sound') throw new Error('no sound');
    expect(Math.max(...(await pixelsOf(silence.spectrogram)).data)).toBeLessThan(30);
    expect(await reportMedia({ samples: Float32Array.of(1), samplingRate: 16_000 })).toMatchObject({
      kind: 'sound',
      seconds: 0.01,
    });
  });
});

it('media are called by their kind', async () => {
  const picture = await reportMedia(plain([0, 0, 0], 2, 2));
  const sound = await reportMedia(tone(100, 0.1, 8000));
  expect([[], [picture], [sound, sound], [picture, sound]].map(wordFor)).toEqual([
    'picture',
    'picture',
    'recording',
    'sample',
  ]);
});
