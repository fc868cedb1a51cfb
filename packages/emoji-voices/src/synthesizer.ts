/// <reference path="./espeak-ng-emscripten.d.ts" />
import { to16kHz } from './to-16-khz.js';
import type { Accent, Voice } from './voices.js';

/** How something is said. */
export interface Manner {
  readonly voice: Voice;
  readonly accent: Accent;
  /** Words a minute, 80 to 450. */
  readonly rate: number;
  /** 0 to 99; 50 is the voice's own. */
  readonly pitch: number;
}

/** Speaks words: the same words in the same manner are the same sound, whatever was said before and on any machine. */
export interface Synthesizer {
  /**
   * A few milliseconds of work.
   *
   * @returns `[samples]`, -1 to 1, `samplingRate` per second, beginning and ending where it can be heard.
   */
  say(text: string, manner: Manner): Float32Array;
}

/** Samples per second of all sounds. */
export const samplingRate = 16_000;

let opened: Promise<Synthesizer> | undefined;

/**
 * eSpeak NG as WebAssembly, started once in a process: a quarter of a second, and 45 MB. Its package is not installed with
 * this one, since it is GPL-3.0.
 *
 * @throws when it is not there.
 */
export function openSynthesizer(): Promise<Synthesizer> {
  opened ??= open();
  return opened;
}

async function open(): Promise<Synthesizer> {
  const { default: openModule } = await import('@echogarden/espeak-ng-emscripten').catch((cause: Error) => {
    throw new Error(
      `[emoji-voices] the synthesiser cannot be loaded (${cause.message}); npm install @echogarden/espeak-ng-emscripten@0.3.5 (GPL-3.0)`,
      { cause },
    );
  });
  const module = await openModule();
  const worker = atTimeZero(() => new module.eSpeakNGWorker());
  // Breath and flutter go on where the last words left them: everything is said from this memory.
  const memory = module.HEAPU8.slice();
  return {
    say(text, { voice, accent, rate, pitch }) {
      module.HEAPU8.set(memory);
      module.HEAPU8.fill(0, memory.length);
      const failure = worker.set_voice(`${accent}+${voice.name}`);
      if (failure !== 0) {
        throw new Error(`[emoji-voices] eSpeak NG has no voice ${accent}+${voice.name}; reinstall it`);
      }
      worker.set_rate(rate);
      worker.set_pitch(pitch);
      const pieces: Int16Array[] = [];
      worker.synthesize(text, (samples) => {
        pieces.push(samples);
        return false;
      });
      return audible(to16kHz(joined(pieces)));
    },
  };
}

/** The synthesiser seeds its noise with the time at which it is made. */
function atTimeZero<T>(make: () => T): T {
  const { now } = Date;
  Date.now = () => 0;
  try {
    return make();
  } finally {
    Date.now = now;
  }
}

/** Pieces of sound one after the other, -1 to 1. */
function joined(pieces: readonly Int16Array[]): Float32Array {
  const samples = new Float32Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) for (const value of piece) samples[at++] = value / 32_768;
  return samples;
}

/** From the first to the last sample of at least a hundredth of the loudest. */
function audible(samples: Float32Array): Float32Array {
  const threshold = samples.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / 100;
  const isAudible = (value: number): boolean => Math.abs(value) >= threshold;
  return samples.subarray(samples.findIndex(isAudible), samples.findLastIndex(isAudible) + 1);
}
