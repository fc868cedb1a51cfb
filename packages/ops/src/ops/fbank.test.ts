import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { waveform } from '../../test/waveform.js';
import { type Tensor, tensor } from '../core/tensor.js';
import { type FbankOptions, type FbankWindow, fbank } from './fbank.js';
import { kaldiFilters, slaneyFilters } from './mel-filters.js';

const { cases } = JSON.parse(
  readFileSync(new URL('../../test/kaldi-fbank.json', import.meta.url), 'utf8'),
) as {
  cases: {
    samples: number;
    rate: number;
    bands: number;
    window: FbankWindow;
    low?: number;
    high?: number;
    shape: number[];
    frames: number[];
    data: string;
  }[];
};

const kaldi: FbankOptions = {
  frameLength: 400,
  hop: 160,
  fftLength: 512,
  window: 'povey',
  preemphasis: 0.97,
  removeOffset: true,
};
const filters = kaldiFilters({ bands: 8, fftLength: 512, samplingRate: 16_000, lowest: 20 });

describe('fbank', () => {
  it.each(cases)(
    'equals Kaldi to 1e-4: $rate Hz, $bands bands, $window',
    async ({ samples, rate, bands, window, low = 20, high = 0, shape, frames, data }) => {
      const [frameLength, hop] = [Math.floor((rate * 25) / 1000), Math.floor((rate * 10) / 1000)];
      const fftLength = 2 ** Math.ceil(Math.log2(frameLength));
      const highest = high > 0 ? high : rate / 2 + high;
      const bank = kaldiFilters({ bands, fftLength, samplingRate: rate, lowest: low, highest });
      const options = { ...kaldi, frameLength, hop, fftLength, window };
      const features = fbank(tensor(waveform(samples)), bank, options);
      expect(features.shape).toEqual(shape);
      const values = await features.data();
      const bytes = Uint8Array.from(Buffer.from(data, 'base64'));
      for (const [i, expected] of new Float32Array(bytes.buffer).entries()) {
        const at = frames[Math.floor(i / bands)]! * bands + (i % bands);
        expect(
          Math.abs(values[at]! - expected),
          `band ${i % bands}: ${values[at]}, ${expected}`,
        ).toBeLessThan(1e-4);
      }
    },
  );

  it('gives the floor for silence and no frame for less than one', async () => {
    const silence = await fbank(tensor(new Float32Array(719)), filters, kaldi).data();
    expect(silence.length).toBe(2 * 8);
    for (const value of silence) expect(value).toBeCloseTo(Math.log(2 ** -23), 5);
    expect(fbank(tensor(new Float32Array(399)), filters, kaldi).shape).toEqual([0, 8]);
    expect(fbank(tensor(new Float32Array(0)), filters, kaldi).shape).toEqual([0, 8]);
  });

  it('gives a frame the same bits whatever stands beside it', async () => {
    const samples = waveform(8000);
    const all = await fbank(tensor(samples), filters, kaldi).data();
    for (const frame of [0, 7, 13, 47]) {
      const alone = tensor(samples.slice(frame * 160, frame * 160 + 400));
      expect(await fbank(alone, filters, kaldi).data()).toEqual(all.slice(frame * 8, frame * 8 + 8));
    }
  });

  it('keeps a NaN within its frames', async () => {
    const samples = waveform(1000).fill(NaN, 450, 451);
    const values = await fbank(tensor(samples), filters, kaldi).data();
    expect([...values.slice(0, 8)].every(Number.isFinite)).toBe(true);
    expect(values[8]).toBeNaN();
  });

  it.each<[string, Tensor, Partial<FbankOptions>, RegExp]>([
    [
      'a transform of an odd length',
      filters,
      { fftLength: 405 },
      /fftLength must be even .* got 405; take the next/,
    ],
    ['a transform of a large prime', filters, { fftLength: 14 }, /fftLength must be even .* got 14/],
    ['a transform of nothing', filters, { fftLength: 0 }, /got 0/],
    [
      'frames beyond the transform',
      filters,
      { frameLength: 513 },
      /frames of 513 samples every 160 do not fit .* 512/,
    ],
    ['no hop', filters, { hop: 0 }, /every 0 do not fit/],
    [
      'another window',
      filters,
      { window: 'kaiser' as FbankWindow },
      /window is one of hann, povey, .* got kaiser/,
    ],
    ['no floor', filters, { floor: 0 }, /floor must be above 0/],
    [
      'filters of another transform',
      filters,
      { fftLength: 1024 },
      /cover 257 frequencies, .* 1024 points has 513/,
    ],
  ])('refuses %s', (_, bank, options, message) => {
    expect(() => fbank(tensor(waveform(500)), bank, { ...kaldi, ...options })).toThrow(message);
  });
});

describe('filters', () => {
  it('of Slaney have the area of one band each', async () => {
    const [bands, fftLength, samplingRate] = [10, 4096, 16_000];
    const data = await slaneyFilters({ bands, fftLength, samplingRate }).data();
    for (let band = 0; band < bands; band++) {
      const row = data.slice(band * 2049, (band + 1) * 2049);
      expect(row.reduce((sum, x) => sum + x, 0) * (samplingRate / fftLength)).toBeCloseTo(1, 3);
    }
  });

  it('must lie below half the sampling rate', () => {
    const options = { bands: 4, fftLength: 512, samplingRate: 16_000 };
    expect(() => kaldiFilters({ ...options, highest: 8001 })).toThrow(
      '[mel-filters] 4 bands from 0 to 8001 Hz do not lie between 0 and 8000, half the sampling rate',
    );
    expect(() => slaneyFilters({ ...options, lowest: -1 })).toThrow(/4 bands from -1/);
    expect(() => slaneyFilters({ ...options, bands: 0 })).toThrow(/0 bands/);
    expect(() => kaldiFilters({ ...options, fftLength: 511 })).toThrow(/fftLength must be an even/);
  });
});
