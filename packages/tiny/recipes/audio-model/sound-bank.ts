import { type Concept, concepts } from '@ocelli/emoji-scenes';
import {
  accents,
  isSpeakerHeldOut,
  openSynthesizer,
  samplingRate,
  trainingVoices,
} from '@ocelli/emoji-voices';
import { Random } from '@ocelli/ops';
import { makeEnergyMeter } from './filter-bank.js';
import type { AudioModelOptions } from './options.js';

/** Filter bank energies `[frames, bins]` of one saying whose loudest sample is 1, or of noise whose mean square is 1. */
export type Energies = Float32Array;

/** What training mixes recordings of, spoken once: mixing takes a thousandth of the time that speaking takes. */
export interface SoundBank {
  /** Sayings of a thing by a voice, in several accents; `[]` where training holds them out. */
  sayings(concept: Concept, voice: string): readonly Energies[];
  /** Noises of several depths, each longer than a recording. */
  readonly noises: readonly Energies[];
}

/** Ten seconds. */
const noiseFrames = 998;

/** Every training voice says every thing: minutes of work. */
export async function makeSoundBank(
  { concepts: set, bins, seed, frames, accentsOfDemo, accentsOfOthers }: AudioModelOptions,
  onProgress: (done: number, all: number) => void = () => {},
): Promise<SoundBank> {
  const { say } = await openSynthesizer();
  const random = new Random(seed);
  const energiesOf = makeEnergyMeter(bins, frames);
  const demo = new Set(concepts('demo').map(({ id }) => id));
  const things = concepts(set);
  const bank = new Map<string, Energies[]>();
  const keyOf = ({ id }: Concept, voice: string): string => `${id} ${voice}`;
  for (const [done, concept] of things.entries()) {
    for (const voice of trainingVoices.filter(({ speaker }) => !isSpeakerHeldOut(concept, speaker))) {
      const first = Math.floor(random.uniform() * accents.length);
      const sayings: Energies[] = [];
      for (let i = 0; i < (demo.has(concept.id) ? accentsOfDemo : accentsOfOthers); i++) {
        const accent = accents[(first + i) % accents.length]!;
        const rate = Math.round(180 + 60 * random.uniform());
        const sound = say(concept.label, { voice, accent, rate, pitch: 35 + 30 * random.uniform() });
        sayings.push(await energiesOf(framed(sound, random)));
      }
      bank.set(keyOf(concept, voice.name), sayings);
    }
    onProgress(done + 1, things.length);
  }
  const noiseOf = makeEnergyMeter(bins, noiseFrames);
  const noises: Energies[] = [];
  for (const depth of [0, 0.3, 0.6, 0.8, 0.9, 0.95]) {
    noises.push(await noiseOf(noise(depth, 10 * samplingRate, random)));
  }
  return { sayings: (concept, voice) => bank.get(keyOf(concept, voice)) ?? [], noises };
}

/** A saying as loud as can be, with silence around it, so that no frame is lost and frames begin anywhere. */
function framed(sound: Float32Array, random: Random): Float32Array {
  const loudest = sound.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const before = Math.floor((0.01 + 0.01 * random.uniform()) * samplingRate);
  const samples = new Float32Array(before + sound.length + Math.ceil(0.03 * samplingRate));
  for (const [at, value] of sound.entries()) samples[before + at] = value / loudest;
  return samples;
}

/** As recordings have it, with a mean square of 1. */
function noise(depth: number, length: number, random: Random): Float32Array {
  const reach = Math.sqrt((3 * (1 + depth)) / (1 - depth));
  const samples = new Float32Array(length);
  let value = 0;
  for (let i = 0; i < length; i++) {
    value = depth * value + (1 - depth) * reach * (2 * random.uniform() - 1);
    samples[i] = value;
  }
  return samples;
}
