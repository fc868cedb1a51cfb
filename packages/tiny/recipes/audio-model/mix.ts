import type { Interval } from '@ocelli/backbones';
import { recordingId, repetitions, speakers, type Utterance, utteranceOf } from '@ocelli/emoji-voices';
import type { Random } from '@ocelli/ops';
import { normalisation } from './filter-bank.js';
import { gridOf } from './grid.js';
import type { AudioModelOptions } from './options.js';
import type { Energies, SoundBank } from './sound-bank.js';

/** A batch of recordings with what is heard, in numbers: no words come near this model. */
export interface SoundBatch {
  readonly size: number;
  /** `[batch, frames, bins]`, normalised log energies. */
  readonly spectrograms: Float32Array;
  /** `[batch]`: number of the thing. */
  readonly concepts: Int32Array;
  /** `[batch]`: number of who speaks. */
  readonly speakers: Int32Array;
  /** `[batch]`: sayings minus one. */
  readonly repetitions: Int32Array;
  /** `[batch, patches]`: the thing said under each patch, or one number past the last thing for silence. */
  readonly patches: Int32Array;
  /** `[batch]`: the first column of patches around each recording's only saying, where each has but one. */
  readonly columns: Int32Array | null;
}

/** How training recordings are mixed. */
export interface Mixing {
  readonly bank: SoundBank;
  /** How far they depart from the data set's: 0 = sayings as they were spoken; 1 = fully varied. */
  readonly variation: number;
  /** Only one saying of each is heard. */
  readonly single: boolean;
  readonly random: Random;
}

export function emptyBatch(size: number, single: boolean, options: AudioModelOptions): SoundBatch {
  const { rows, columns } = gridOf(options);
  return {
    size,
    spectrograms: new Float32Array(size * options.frames * options.bins),
    concepts: new Int32Array(size),
    speakers: new Int32Array(size),
    repetitions: new Int32Array(size),
    patches: new Int32Array(size * rows * columns),
    columns: single ? new Int32Array(size) : null,
  };
}

export function labelRecording(
  batch: SoundBatch,
  index: number,
  { concept, speaker, repetition }: Utterance,
  labels: ReadonlyMap<number, number>,
): void {
  batch.concepts[index] = labels.get(concept.id)!;
  batch.speakers[index] = speakers.indexOf(speaker);
  batch.repetitions[index] = repetitions.indexOf(repetition);
}

/**
 * Mixes recordings `first` to `first + size` of the training split from the bank, each saying's energies and the noise's
 * added up. Things and voices are those that the ids stand for; places, loudness and noise are drawn anew.
 */
export function mixBatch(
  first: number,
  size: number,
  options: AudioModelOptions,
  labels: ReadonlyMap<number, number>,
  mixing: Mixing,
): SoundBatch {
  const { frames, bins, patchSize, timeStride, sayingColumns, seed } = options;
  const { bank, single, random, variation } = mixing;
  const { rows, columns } = gridOf(options);
  const batch = emptyBatch(size, single, options);
  const between = (low: number, high: number): number => low + (high - low) * random.uniform();
  for (let i = 0; i < size; i++) {
    const set = (first + i) % 3 === 2 ? options.concepts : 'demo';
    const utterance = utteranceOf(recordingId({ set, split: 'train', seed, index: first + i }));
    labelRecording(batch, i, utterance, labels);
    const sayings = bank.sayings(utterance.concept, utterance.voice.name);
    const chosen = sayings[Math.floor(random.uniform() * sayings.length)]!;
    const warp = warping(variation, random);
    const count = single ? 1 : utterance.sayings.length;
    const sounds = Array.from({ length: count }, () =>
      warp(chosen, bins, Math.exp(variation * between(-0.06, 0.06))),
    );
    const places = placesOf(
      sounds.map((sound) => sound.length / bins),
      frames,
      single,
      random,
    );
    const level = between(0.15, 0.9);
    const energies = new Float32Array(frames * bins);
    for (const [index, sound] of sounds.entries()) {
      const gain = (level * between(0.8, 1.2)) ** 2;
      const start = places[index]! * bins;
      const end = Math.min(sound.length, energies.length - start);
      for (let at = 0; at < end; at++) energies[start + at] = energies[start + at]! + gain * sound[at]!;
    }
    const heard = { begin: 0, end: frames };
    if (batch.columns) {
      const column = Math.floor(places[0]! / timeStride) - Math.floor(3 * random.uniform());
      batch.columns[i] = Math.max(0, Math.min(columns - sayingColumns, column));
      heard.begin = batch.columns[i]! * timeStride;
      heard.end = heard.begin + (sayingColumns - 1) * timeStride + patchSize;
    }
    const power = (level * Math.exp(between(-7.5, -3.5))) ** 2;
    addNoise(energies, heard, bins, power, bank, random);
    const target = batch.spectrograms.subarray(i * frames * bins, (i + 1) * frames * bins);
    normalise(energies, heard, target, colouring(variation, bins, random));
    mask(target, heard, bins, variation, random);
    const label = batch.concepts[i]!;
    for (let column = 0; column < columns; column++) {
      const [begin, end] = [column * timeStride, column * timeStride + patchSize];
      const overlap = (index: number): number =>
        Math.min(end, places[index]! + sounds[index]!.length / bins) - Math.max(begin, places[index]!);
      const isSaid = sounds.some((_, index) => overlap(index) >= patchSize / 2);
      for (let row = 0; row < rows; row++)
        batch.patches[i * rows * columns + row * columns + column] = isSaid ? label : labels.size;
    }
  }
  return batch;
}

/** Where sayings of so many frames begin: as in recordings, or one anywhere. */
function placesOf(lengths: readonly number[], frames: number, single: boolean, random: Random): number[] {
  const between = (low: number, high: number): number => Math.floor(low + (high - low) * random.uniform());
  if (single) return [between(0, Math.max(1, frames - lengths[0]!))];
  const places: number[] = [];
  let at = between(3, 40);
  for (const length of lengths) {
    places.push(at);
    at += length + between(10, 30);
  }
  // What does not fit is drawn together, as if it were said faster.
  const end = places.at(-1)! + lengths.at(-1)!;
  const squeeze = Math.min(1, (frames - lengths.at(-1)!) / (end - lengths.at(-1)!));
  return places.map((place) => Math.floor(place * squeeze));
}

/** Adds noise of a random depth, a random stretch of it, with a mean square of `power`. */
function addNoise(
  energies: Float32Array,
  { begin, end }: Interval,
  bins: number,
  power: number,
  { noises }: SoundBank,
  random: Random,
): void {
  const noise = noises[Math.floor(random.uniform() * noises.length)]!;
  const start = Math.floor(random.uniform() * ((noise.length - energies.length) / bins)) * bins;
  for (let at = begin * bins; at < end * bins; at++)
    energies[at] = energies[at]! + power * noise[start + at]!;
}

/**
 * A random length of the vocal tract (Jaitly and Hinton 2013: bins read from elsewhere along the mel axis) and speed, the
 * same for all sayings of a recording but for a factor of the speed.
 */
function warping(
  variation: number,
  random: Random,
): (sound: Energies, bins: number, faster: number) => Float32Array {
  const tract = Math.exp(variation * 0.12 * (2 * random.uniform() - 1));
  const speed = Math.exp(variation * 0.2 * (2 * random.uniform() - 1));
  return (sound, bins, faster) => {
    const length = sound.length / bins;
    const frames = Math.max(1, Math.floor(length / (speed * faster)));
    const shifted = new Float32Array(sound.length);
    for (let bin = 0; bin < bins; bin++) {
      const from = Math.min(bins - 1, bin * tract);
      const [low, high] = [Math.floor(from), Math.min(bins - 1, Math.floor(from) + 1)];
      const up = from - low;
      for (let row = 0; row < sound.length; row += bins)
        shifted[row + bin] = (1 - up) * sound[row + low]! + up * sound[row + high]!;
    }
    const result = new Float32Array(frames * bins);
    for (let frame = 0; frame < frames; frame++) {
      const time = Math.min(length - 1, frame * speed * faster);
      const earlier = Math.floor(time) * bins;
      const later = Math.min(length - 1, Math.floor(time) + 1) * bins;
      const towards = time - Math.floor(time);
      for (let bin = 0; bin < bins; bin++)
        result[frame * bins + bin] =
          (1 - towards) * shifted[earlier + bin]! + towards * shifted[later + bin]!;
    }
    return result;
  };
}

/** `[bins]` added to log energies: a random slope and bend, what rooms, microphones and throats differ in. */
function colouring(variation: number, bins: number, random: Random): Float32Array {
  const [slope, bend, ripple] = [1.5, 1, 0.5].map((reach) => variation * reach * (2 * random.uniform() - 1));
  const phase = 2 * Math.PI * random.uniform();
  return Float32Array.from({ length: bins }, (_, bin) => {
    const x = (2 * bin) / (bins - 1) - 1;
    return slope! * x + bend! * (x * x - 1 / 3) + ripple! * Math.sin(2 * Math.PI * x + phase);
  });
}

function normalise(
  energies: Float32Array,
  { begin, end }: Interval,
  target: Float32Array,
  colour: Float32Array,
): void {
  const { mean, standardDeviation } = normalisation;
  const bins = colour.length;
  for (let frame = begin; frame < end; frame++) {
    for (let bin = 0; bin < bins; bin++) {
      const at = frame * bins + bin;
      target[at] = (Math.log(energies[at]! + 2 ** -23) + colour[bin]! - mean) / (2 * standardDeviation);
    }
  }
}

/** SpecAugment (Park et al. 2019, arXiv 1904.08779): runs of frames and a run of bins are set to the mean. */
function mask(target: Float32Array, heard: Interval, bins: number, variation: number, random: Random): void {
  const runIn = ({ begin, end }: Interval, widest: number): Interval => {
    const width = Math.floor(random.uniform() * variation * (widest + 1));
    const first = begin + Math.floor(random.uniform() * (end - begin - width));
    return { begin: first, end: first + width };
  };
  for (let run = 0; run < (heard.end - heard.begin) / 80; run++) {
    const { begin, end } = runIn(heard, 12);
    target.fill(0, begin * bins, end * bins);
  }
  const band = runIn({ begin: 0, end: bins }, 5);
  for (let frame = heard.begin; frame < heard.end; frame++)
    target.fill(0, frame * bins + band.begin, frame * bins + band.end);
}
