import type { Pixels, Waveform } from '@ocelli/datasets';
import { fbank, kaldiFilters, tensor } from '@ocelli/ops';
import { pngDataUri } from './png-data-uri.js';

const bands = 64;
const mostColumns = 400;
/** What is so many dB below the loudest is drawn as silence. */
const range = 80;
/** From silent to loud, evenly spaced: black over violet and orange to a light yellow, each lighter than the one before. */
const colours = [
  [6, 5, 24],
  [52, 18, 92],
  [120, 30, 110],
  [190, 54, 84],
  [240, 104, 52],
  [252, 178, 70],
  [253, 250, 190],
] as const;

/** What {@link spectrogram} draws. */
export interface Spectrogram {
  /** A `data:image/png;base64,` address. */
  readonly spectrogram: string;
  readonly seconds: number;
  /** Hz: the upper end of the highest band. */
  readonly highest: number;
  readonly bands: number;
}

/**
 * The log mel spectrogram of sound as a picture: 64 bands of Kaldi's mel scale from 0 Hz, the lowest at the bottom;
 * frames of 25 ms every 10 ms, of longer sound as many as make 400 columns.
 */
export async function spectrogram({ samples, samplingRate }: Waveform): Promise<Spectrogram> {
  const frameLength = Math.round(0.025 * samplingRate);
  const hop = Math.round(0.01 * samplingRate);
  // Four times as fine as the frames need, so that the narrow bands at the bottom all hold a frequency.
  const fftLength = 4 * 2 ** Math.ceil(Math.log2(frameLength));
  const highest = samplingRate / 2;
  // Zeros on both sides, so that column t stands in the middle of hop t.
  const columns = Math.max(1, Math.ceil(samples.length / hop));
  const padded = new Float32Array((columns - 1) * hop + frameLength);
  padded.set(samples.subarray(0, columns * hop), Math.floor((frameLength - hop) / 2));
  using sound = tensor(padded);
  using filters = kaldiFilters({ bands, fftLength, samplingRate });
  using logs = fbank(sound, filters, { frameLength, hop, fftLength, window: 'hann', logarithm: 'base 10' });
  const energies = (await logs.data()) as Float32Array;
  return {
    spectrogram: pngDataUri(draw(energies, columns)),
    seconds: (columns * hop) / samplingRate,
    highest,
    bands,
  };
}

/**
 * How far from the bottom of a spectrogram a frequency lies, 0 to 1: each row is as high as a band's middle is from the
 * next one's on Kaldi's mel scale, 1127 log(1 + f / 700).
 */
export function melHeight(hertz: number, { highest, bands }: Pick<Spectrogram, 'highest' | 'bands'>): number {
  const row = (Math.log1p(hertz / 700) / Math.log1p(highest / 700)) * (bands + 1);
  return (row - 0.5) / bands;
}

/** @param energies `[frames, bands]`, logarithms to the base 10. */
function draw(energies: Float32Array, frames: number): Pixels {
  const perColumn = Math.ceil(frames / mostColumns);
  const width = Math.ceil(frames / perColumn);
  let loudest = -Infinity;
  for (const energy of energies) loudest = Math.max(loudest, energy);
  const data = new Uint8Array(width * bands * 3);
  for (let x = 0; x < width; x++) {
    const end = Math.min(frames, (x + 1) * perColumn);
    for (let band = 0; band < bands; band++) {
      let energy = -Infinity;
      for (let t = x * perColumn; t < end; t++) energy = Math.max(energy, energies[t * bands + band]!);
      const level = 1 - Math.min(1, (10 * (loudest - energy)) / range);
      data.set(colourOf(isSilent(loudest) ? 0 : level), ((bands - 1 - band) * width + x) * 3);
    }
  }
  return { data, width, height: bands, channels: 3 };
}

/** The floor of `fbank`, to which all of digital silence is raised. */
const isSilent = (loudest: number): boolean => loudest <= Math.log10(2 ** -23) + 1e-3;

function colourOf(level: number): number[] {
  const place = level * (colours.length - 1);
  const below = Math.min(colours.length - 2, Math.floor(place));
  const [from, to] = [colours[below]!, colours[below + 1]!];
  return from.map((channel, i) => Math.round(channel + (to[i]! - channel) * (place - below)));
}
