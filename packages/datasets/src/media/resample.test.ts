import { describe, expect, it } from 'vitest';
import { resample } from './resample.js';

/** A sum of sines of these frequencies in Hz, each with an amplitude and phase of its own, computed where it is sampled. */
function tones(samplingRate: number, seconds: number, frequencies: readonly number[]): Float32Array {
  return Float32Array.from({ length: Math.round(samplingRate * seconds) }, (_, n) =>
    frequencies.reduce(
      (sum, frequency, i) =>
        sum + (0.3 / (i + 1)) * Math.sin((2 * Math.PI * frequency * n) / samplingRate + i),
      0,
    ),
  );
}

/** The largest difference, away from the ends by so many seconds: there the signal is cut off. */
function difference(a: Float32Array, b: Float32Array, samplingRate: number, margin = 0.1): number {
  const skipped = Math.ceil(margin * samplingRate);
  let worst = 0;
  for (let i = skipped; i < Math.min(a.length, b.length) - skipped; i++)
    worst = Math.max(worst, Math.abs(a[i]! - b[i]!));
  return worst;
}

describe('resample', () => {
  // A band-limited signal has one value at each time, whatever it is sampled with: the sines themselves are the reference.
  it.each([
    [8000, 16_000],
    [11_025, 16_000],
    [22_050, 16_000],
    [32_000, 16_000],
    [44_100, 16_000],
    [48_000, 16_000],
    [96_000, 16_000],
    [16_000, 44_100],
    [44_099, 16_000],
    [48_000, 8000],
  ])('gives the values of sines between the samples, %i Hz to %i Hz', (from, to) => {
    const band = (0.9 * Math.min(from, to)) / 2;
    const frequencies = [50, 440, 1000, band / 2, 0.99 * band];
    const result = resample({ samples: tones(from, 0.5, frequencies), samplingRate: from }, to);
    expect(result.samplingRate).toBe(to);
    expect(result.samples).toHaveLength(Math.ceil((Math.round(from * 0.5) * to) / from));
    // Ripples of a filter that damps by 100 dB are 1e-5 of each sine; the amplitudes sum to 0.7.
    expect(difference(result.samples, tones(to, 0.5, frequencies), to)).toBeLessThan(1.5e-5);
  });

  it('damps what the new rate cannot hold by 100 dB, and mirrors nothing', () => {
    for (const frequency of [8050, 9000, 12_345, 20_000]) {
      const { samples } = resample(
        { samples: tones(48_000, 0.5, [frequency]), samplingRate: 48_000 },
        16_000,
      );
      expect(difference(samples, new Float32Array(samples.length), 16_000)).toBeLessThan(0.3 * 1.5e-5);
    }
    // Upwards: 3 kHz at 8 kHz must not appear again at 5 kHz.
    const { samples } = resample({ samples: tones(8000, 0.5, [3000]), samplingRate: 8000 }, 48_000);
    expect(difference(samples, tones(48_000, 0.5, [3000]), 48_000)).toBeLessThan(1.5e-5);
  });

  it('keeps silence and constants, and takes clips of any length', () => {
    const constant = resample(
      { samples: new Float32Array(4410).fill(0.5), samplingRate: 44_100 },
      16_000,
    ).samples;
    expect(difference(constant, new Float32Array(constant.length).fill(0.5), 16_000, 0.02)).toBeLessThan(
      1e-6,
    );
    expect(resample({ samples: new Float32Array(100), samplingRate: 8000 }, 16_000).samples).toEqual(
      new Float32Array(200),
    );
    expect(resample({ samples: Float32Array.of(1), samplingRate: 48_000 }, 16_000).samples).toHaveLength(1);
    expect(resample({ samples: new Float32Array(0), samplingRate: 48_000 }, 16_000).samples).toHaveLength(0);
    const same = Float32Array.of(1, 2);
    expect(resample({ samples: same, samplingRate: 16_000 }, 16_000).samples).toBe(same);
  });

  it('stands where the sound was: an impulse keeps its time', () => {
    const samples = new Float32Array(4410);
    samples[2205] = 1; // at 0.05 s
    const result = resample({ samples, samplingRate: 44_100 }, 16_000).samples;
    expect(result.indexOf(Math.max(...result))).toBe(800);
    for (let i = 1; i < 100; i++) expect(result[800 + i]).toBeCloseTo(result[800 - i]!, 6);
  });

  it('refuses rates that nothing has', () => {
    for (const rate of [0, 999, 16_000.5, Number.NaN, 1e9])
      expect(() => resample({ samples: new Float32Array(1), samplingRate: rate }, 16_000)).toThrow(
        `the sampling rate is ${rate}`,
      );
  });
});
