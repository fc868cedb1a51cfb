import { Random } from '@ocelli/emoji-scenes';
import type { Utterance } from './recording.js';
import { openSynthesizer, type Synthesizer, samplingRate } from './synthesizer.js';

/** One channel of sound in memory. */
export interface Waveform {
  /** `[samples]`, -1 to 1. */
  readonly samples: Float32Array;
  /** Samples per second. */
  readonly samplingRate: number;
}

/** Length of every recording, in seconds. */
export const recordingSeconds = 3.24;

/** Silence after the last word, at least, in seconds. */
const shortestEnd = 0.05;

/**
 * Speaks a recording: 16,000 samples per second, about 10 ms of work after a quarter of a second for the first. What
 * would not fit into `recordingSeconds` is said faster, all of it by as much.
 */
export async function renderUtterance(utterance: Utterance): Promise<Waveform> {
  const synthesizer = await openSynthesizer();
  const { sayings, noise } = utterance;
  const pauses = sayings.map(({ pause }) => Math.round(pause * samplingRate));
  const samples = noiseOf(noise, Math.round(recordingSeconds * samplingRate));
  const silence = pauses.reduce((sum, pause) => sum + pause, shortestEnd * samplingRate);
  let at = 0;
  for (const [index, words] of sayAll(utterance, synthesizer, samples.length - silence).entries()) {
    at += pauses[index]!;
    const gain = sayings[index]!.level / loudestOf(words);
    for (const value of words) samples[at] = samples[at++]! + gain * value;
  }
  return { samples: samples.map((value) => Math.max(-1, Math.min(1, value))), samplingRate };
}

/** Each saying's sound, together at most `room` samples. */
function sayAll(
  { concept, voice, accent, sayings }: Utterance,
  synthesizer: Synthesizer,
  room: number,
): Float32Array[] {
  for (let faster = 1; ; ) {
    const sounds = sayings.map(({ rate, pitch }) =>
      synthesizer.say(concept.label, { voice, accent, pitch, rate: Math.round(rate * faster) }),
    );
    const length = sounds.reduce((sum, sound) => sum + sound.length, 0);
    if (length <= room) return sounds;
    // Half of what is missing: words get shorter by more than their rate rises.
    faster *= 1.01 + (length / room - 1) / 2;
  }
}

function loudestOf(samples: Float32Array): number {
  return samples.reduce((loudest, value) => Math.max(loudest, Math.abs(value)), 0);
}

/** White noise through a first-order low pass, whatever its depth as loud. */
function noiseOf({ level, depth, seed }: Utterance['noise'], length: number): Float32Array {
  const random = new Random(seed);
  // Uniform noise from -reach to reach has a variance of reach² / 3; the filter leaves (1 - depth) / (1 + depth) of it.
  const reach = level * Math.sqrt((3 * (1 + depth)) / (1 - depth));
  const samples = new Float32Array(length);
  let value = 0;
  for (let i = 0; i < length; i++) {
    value = depth * value + (1 - depth) * random.between(-reach, reach);
    samples[i] = value;
  }
  return samples;
}
