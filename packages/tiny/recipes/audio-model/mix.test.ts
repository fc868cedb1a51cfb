import { concepts } from '@ocelli/emoji-scenes';
import { openSynthesizer, trainingVoices } from '@ocelli/emoji-voices';
import { Random } from '@ocelli/ops';
import { describe, expect, it } from 'vitest';
import { makeEnergyMeter, makeProcessor, normalisation } from './filter-bank.js';
import { gridOf } from './grid.js';
import { mixBatch } from './mix.js';
import { defaultOptions as options } from './options.js';
import type { SoundBank } from './sound-bank.js';

const labels = new Map(concepts('harder').map(({ id }, index) => [id, index]));
const { bins, frames, patchSize, timeStride } = options;
const { rows, columns } = gridOf(options);
const sayingFrames = 40;

/** Every saying is 40 frames of energy 1 in all bins; the noise is silence. */
const bank: SoundBank = {
  sayings: () => [new Float32Array(sayingFrames * bins).fill(1)],
  noises: [new Float32Array(400 * bins)],
};
const mix = (single: boolean, variation: number, seed = 1) =>
  mixBatch(0, 48, options, labels, { bank, single, variation, random: new Random(seed) });

/** Lengths of the runs of frames in which something is said, in recording `index`. */
function loudRuns(spectrograms: Float32Array, index: number): number[] {
  const runs: number[] = [];
  let isLoud = false;
  for (let frame = 0; frame < frames; frame++) {
    const energy = spectrograms[(index * frames + frame) * bins]!;
    const isNow = energy * 2 * normalisation.standardDeviation + normalisation.mean > -4;
    if (isNow && !isLoud) runs.push(0);
    if (isNow) runs[runs.length - 1]!++;
    isLoud = isNow;
  }
  return runs;
}

describe('mixed recordings', () => {
  it('have as many sayings as their label tells, and patches that know them', () => {
    const batch = mix(false, 0);
    expect(batch.columns).toBeNull();
    for (let i = 0; i < batch.size; i++) {
      const runs = loudRuns(batch.spectrograms, i);
      expect(runs).toHaveLength(batch.repetitions[i]! + 1);
      for (const run of runs) expect(run).toBe(sayingFrames);
      for (let column = 0; column < columns; column++) {
        const middle = (i * frames + column * timeStride + patchSize / 2) * bins;
        const label = batch.patches[i * rows * columns + column]!;
        const isSaid = label !== labels.size;
        if (isSaid) expect(label).toBe(batch.concepts[i]);
        expect(batch.patches[i * rows * columns + columns + column]).toBe(label);
        // The middle of a patch that is said half or more is at the border of the saying, or inside.
        const near = [-1, 0].map((step) => batch.spectrograms[middle + step * bins]!);
        expect(
          near.some((value) => value * 2 * normalisation.standardDeviation + normalisation.mean > -4),
        ).toBe(isSaid);
      }
    }
    expect(new Set(batch.repetitions)).toEqual(new Set([0, 1, 2]));
    expect(new Set(batch.speakers)).toEqual(new Set([0, 1]));
  });

  it('hold their only saying in the columns that they name', () => {
    const batch = mix(true, 0);
    for (let i = 0; i < batch.size; i++) {
      const runs = loudRuns(batch.spectrograms, i);
      expect(runs).toHaveLength(1);
      expect(runs[0]).toBe(sayingFrames);
      const first = batch.columns![i]!;
      expect(first).toBeGreaterThanOrEqual(0);
      expect(first + options.sayingColumns).toBeLessThanOrEqual(columns);
      const begin = (i * frames + first * timeStride) * bins;
      expect(batch.spectrograms.subarray(i * frames * bins, begin).every((value) => value === 0)).toBe(true);
    }
  });

  it('follow from the seed, and differ where they are varied', () => {
    const sound = (seed: number) => Buffer.from(mix(false, 1, seed).spectrograms.buffer);
    expect(sound(5).equals(sound(5))).toBe(true);
    expect(sound(5).equals(sound(6))).toBe(false);
    const { spectrograms } = mix(true, 0.99);
    const lengths = Array.from({ length: 48 }, (_, i) => loudRuns(spectrograms, i)[0] ?? 0);
    expect(Math.max(...lengths)).toBeGreaterThan(sayingFrames);
    expect(Math.min(...lengths)).toBeLessThan(sayingFrames);
  });
});

it('measures energies as the published model hears them', async () => {
  const { say } = await openSynthesizer();
  const sound = say('guitar', { voice: trainingVoices[5]!, accent: 'en-us', rate: 200, pitch: 50 });
  const energies = await makeEnergyMeter(bins, frames)(sound);
  const { data } = await makeProcessor(options).process({ samples: sound, samplingRate: 16_000 });
  expect(energies).toHaveLength((Math.floor((sound.length - 400) / 160) + 1) * bins);
  for (const [i, energy] of energies.entries()) {
    const heard = (Math.log(energy) - normalisation.mean) / (2 * normalisation.standardDeviation);
    expect(heard).toBeCloseTo(data[i]!, 4);
  }
});
