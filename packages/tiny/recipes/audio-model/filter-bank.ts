import { AudioProcessor } from '@ocelli/backbones';
import { samplingRate } from '@ocelli/emoji-voices';
import type { AudioModelOptions } from './options.js';

/** What is taken off log energies, and half of what they are divided by then: so they have a mean of 0 and a variance of 1. */
export const normalisation = { mean: -5.3, standardDeviation: 1.6 };

/** What the published model hears of a sound. */
export function makeProcessor({ bins, frames }: AudioModelOptions): AudioProcessor {
  return new AudioProcessor({
    features: 'filter-bank',
    samplingRate,
    bands: bins,
    frames,
    normalize: normalisation,
  });
}

/**
 * Energies before logarithm and normalisation.
 *
 * @returns a function of a sound's samples that gives `[frames, bins]`, as many frames as it has, `longest` at most.
 */
export function makeEnergyMeter(
  bins: number,
  longest: number,
): (samples: Float32Array) => Promise<Float32Array> {
  const processor = new AudioProcessor({
    features: 'filter-bank',
    samplingRate,
    bands: bins,
    frames: longest,
    normalize: null,
  });
  return async (samples) => {
    const frames = Math.min(longest, Math.max(0, Math.floor((samples.length - 400) / 160) + 1));
    const { data } = await processor.process({ samples, samplingRate });
    return data.slice(0, frames * bins).map(Math.exp);
  };
}
