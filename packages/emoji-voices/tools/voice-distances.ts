import { openSynthesizer, samplingRate, type Voice, voices } from '../src/index.js';

const names = ['octopus', 'red apple', 'guitar', 'umbrella', 'fish', 'rocket'];
const window = 512;
const bands = 32;

/** Frequency to mel (O'Shaughnessy 1987). */
const mel = (hertz: number): number => 1127 * Math.log(1 + hertz / 700);

const turns = Array.from({ length: window }, (_, i) => (2 * Math.PI * i) / window);
const cosines = turns.map(Math.cos);
const sines = turns.map(Math.sin);

/** The band of each frequency of a spectrum, from 80 to 8,000 Hz in equal steps of mels; -1 below. */
const bandOf = Array.from({ length: window / 2 }, (_, k) => {
  const place = (mel((k * samplingRate) / window) - mel(80)) / (mel(8000) - mel(80));
  return Math.floor(Math.min(place, 0.999) * bands);
});

/** Mean log energies `[bands]` of the windows in which something is said. */
function meanSpectrum(samples: Float32Array): number[] {
  const sums = new Array<number>(bands).fill(0);
  const loudest = samples.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  let windows = 0;
  for (let start = 0; start + window <= samples.length; start += window) {
    const part = samples.subarray(start, start + window).map((value) => value / loudest);
    if (part.reduce((sum, value) => sum + value * value, 0) / window < 1e-3) continue;
    windows++;
    const energies = new Array<number>(bands).fill(1e-6);
    for (const [k, band] of bandOf.entries()) {
      if (band < 0) continue;
      let [real, imaginary] = [0, 0];
      for (const [i, value] of part.entries()) {
        const tapered = value * (0.5 - 0.5 * cosines[i]!);
        real += tapered * cosines[(i * k) % window]!;
        imaginary += tapered * sines[(i * k) % window]!;
      }
      energies[band]! += real * real + imaginary * imaginary;
    }
    for (const [band, energy] of energies.entries()) sums[band]! += Math.log(energy);
  }
  return sums.map((sum) => sum / windows);
}

/** How far voices are apart: the root mean square difference of their mean spectra of six names, loudness aside. */
export async function distancesBetweenVoices(): Promise<(one: Voice, other: Voice) => number> {
  const { say } = await openSynthesizer();
  const spectra = new Map<Voice, number[]>();
  for (const voice of voices) {
    const manner = { voice, accent: 'en-us', rate: 200, pitch: 50 } as const;
    const spectrum = names.flatMap((name) => meanSpectrum(say(name, manner)));
    const mean = spectrum.reduce((sum, value) => sum + value, 0) / spectrum.length;
    spectra.set(
      voice,
      spectrum.map((value) => value - mean),
    );
  }
  return (one, other) => {
    const [a, b] = [spectra.get(one)!, spectra.get(other)!];
    return Math.sqrt(a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0) / a.length);
  };
}
