import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { hasFfmpeg, makeMedia } from '../../test/ffmpeg.js';
import { encodeWav } from '../../test/wav.js';
import { randomFrom } from '../random.js';
import { loadAudio } from './load-audio.js';
import type { AudioSource, Waveform } from './media-source.js';

const root = mkdtempSync(join(tmpdir(), 'ocelli-audio-'));
const at = (name: string): string => join(root, name);
const sine = (frequency: number, samplingRate: number, seconds: number, amplitude = 0.5): Float32Array =>
  Float32Array.from(
    { length: Math.round(samplingRate * seconds) },
    (_, n) => amplitude * Math.sin((2 * Math.PI * frequency * n) / samplingRate),
  );
const wav = (
  channels: readonly Float32Array[],
  samplingRate: number,
  bits: 8 | 16 | 24 | 32 = 16,
): AudioSource => ({
  kind: 'bytes',
  data: encodeWav(channels, samplingRate, bits),
  name: 'wav',
});

/** The amplitude of a frequency: the signal projected on it, under a Hann window that keeps its neighbours out. */
function amplitudeAt({ samples, samplingRate }: Waveform, frequency: number): number {
  let [real, imaginary, sum] = [0, 0, 0];
  for (const [n, sample] of samples.entries()) {
    const window = 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / samples.length);
    const angle = (2 * Math.PI * frequency * n) / samplingRate;
    real += window * sample * Math.cos(angle);
    imaginary += window * sample * Math.sin(angle);
    sum += window;
  }
  return (2 * Math.hypot(real, imaginary)) / sum;
}

/** A file as ffmpeg's own decoders hear it, in all its channels. */
async function decodedByFfmpeg(path: string): Promise<Waveform> {
  await makeMedia('-i', path, '-c:a', 'pcm_f32le', at('reference.wav'));
  return loadAudio({ kind: 'file', path: at('reference.wav') }, { samplingRate: 16_000 });
}

describe('loadAudio', () => {
  it.each([8, 16, 24, 32] as const)('reads WAV of %i bits', async (bits) => {
    const tone = sine(440, 16_000, 0.1);
    const { samples, samplingRate } = await loadAudio(wav([tone], 16_000, bits));
    expect(samplingRate).toBe(16_000);
    expect(samples).toHaveLength(1600);
    const step = bits === 32 ? 1e-7 : 1.01 * 2 ** (1 - bits);
    for (const [n, sample] of samples.entries())
      expect(Math.abs(sample - tone[n]!)).toBeLessThanOrEqual(step);
  });

  it.each([8000, 11_025, 16_000, 22_050, 32_000, 44_100, 48_000, 96_000])('resamples %i Hz', async (rate) => {
    const sound = await loadAudio(wav([sine(1234, rate, 0.5)], rate), { samplingRate: 16_000 });
    expect(sound.samplingRate).toBe(16_000);
    expect(Math.abs(sound.samples.length - 8000)).toBeLessThanOrEqual(1);
    expect(amplitudeAt(sound, 1234)).toBeCloseTo(0.5, 3);
    for (const other of [1000, 1500, 3000, 6000]) expect(amplitudeAt(sound, other)).toBeLessThan(1e-3);
  });

  it('mixes channels to their mean: stereo, opposite phases, 5.1', async () => {
    const [left, right] = [sine(300, 8000, 0.1, 0.8), sine(700, 8000, 0.1, 0.4)];
    const stereo = await loadAudio(wav([left, right], 8000, 32));
    for (const [n, sample] of stereo.samples.entries())
      expect(sample).toBeCloseTo((left[n]! + right[n]!) / 2, 6);
    const opposite = await loadAudio(wav([left, left.map((sample) => -sample)], 8000, 32));
    expect(Math.max(...opposite.samples)).toBe(0);
    // Six channels, each with a tone of its own: each is there with a sixth of its level.
    const frequencies = [300, 500, 700, 900, 1100, 1300];
    const surround = await loadAudio(
      wav(
        frequencies.map((each) => sine(each, 8000, 0.5, 0.6)),
        8000,
        32,
      ),
    );
    for (const frequency of frequencies) expect(amplitudeAt(surround, frequency)).toBeCloseTo(0.1, 3);
  });

  it('takes silence, and sound that is shorter than anything', async () => {
    expect((await loadAudio(wav([new Float32Array(800)], 8000), { samplingRate: 16_000 })).samples).toEqual(
      new Float32Array(1600),
    );
    expect(
      (await loadAudio(wav([Float32Array.of(0.5)], 8000), { samplingRate: 16_000 })).samples,
    ).toHaveLength(2);
  });

  it('keeps to a clip and to a length', async () => {
    const ramp = Float32Array.from({ length: 8000 }, (_, n) => n / 8000);
    const data = encodeWav([ramp], 8000, 32);
    const clip = await loadAudio({ kind: 'bytes', data, start: 0.25, end: 0.5 });
    expect(clip.samples).toEqual(ramp.subarray(2000, 4000));
    expect((await loadAudio({ kind: 'bytes', data, start: 0.25 }, { maxSeconds: 0.1 })).samples).toEqual(
      ramp.subarray(2000, 2800),
    );
    expect((await loadAudio({ kind: 'bytes', data, end: 9 })).samples).toHaveLength(8000);
    await expect(loadAudio({ kind: 'bytes', data, name: 'ramp', start: 2 })).rejects.toThrow(
      '[dataset] the clip of ramp begins at 2 seconds, and it is 1.000 seconds long',
    );
  });

  it('takes sound that is in memory or made', async () => {
    const waveform = { samples: sine(440, 8000, 1), samplingRate: 8000 };
    const made = await loadAudio(
      { kind: 'rendered', key: 'k', render: async () => waveform },
      { samplingRate: 16_000, maxSeconds: 0.5 },
    );
    expect(made.samples).toHaveLength(8000);
    expect((await loadAudio({ kind: 'waveform', ...waveform })).samples).toEqual(waveform.samples);
    const broken = Float32Array.of(0, Number.NaN);
    await expect(loadAudio({ kind: 'waveform', samples: broken, samplingRate: 8000 })).rejects.toThrow(
      'the sound in memory has NaN as its sample 1',
    );
    await expect(
      loadAudio({ kind: 'waveform', samples: new Float32Array(0), samplingRate: 8000 }),
    ).rejects.toThrow('has no sound');
  });

  it('names a file that is missing, empty or no sound', async () => {
    writeFileSync(
      at('noise.mp3'),
      Uint8Array.from({ length: 5000 }, (_, i) => (i * 2654435761) >>> 24),
    );
    writeFileSync(at('empty.wav'), '');
    writeFileSync(at('header.wav'), encodeWav([new Float32Array(0)], 8000, 16));
    for (const name of ['gone.wav', 'noise.mp3', 'empty.wav', 'header.wav']) {
      const load = loadAudio({ kind: 'file', path: at(name) });
      await expect(load).rejects.toThrow('[dataset]');
      await expect(load).rejects.toThrow(at(name));
    }
  });
});

/** Cut off and overwritten at random, half of the time in its header. */
function damaged(whole: Uint8Array, random: () => number): Uint8Array {
  const below = (limit: number): number => Math.floor(random() * limit);
  const data = whole.slice(0, random() < 0.3 ? 1 + below(whole.length) : whole.length);
  const reach = random() < 0.5 ? Math.min(200, data.length) : data.length;
  for (let left = 1 + below(40); left > 0; left--) data[below(reach)] = below(256);
  return data;
}

async function expectSoundOrName(data: Uint8Array): Promise<void> {
  try {
    const { samples } = await loadAudio({ kind: 'bytes', data, name: 'upload 7' }, { samplingRate: 16_000 });
    expect(samples.every(Number.isFinite)).toBe(true);
  } catch (error) {
    expect((error as Error).message).toMatch(/^\[dataset\] .*upload 7/);
  }
}

describe('loadAudio of damaged files', () => {
  beforeEach(() => void vi.stubEnv('PATH', '/nowhere')); // what ffmpeg makes of it is not the question
  afterEach(() => void vi.unstubAllEnvs());

  it('gives sound or names the file', async () => {
    const whole = encodeWav([sine(440, 8000, 0.1), sine(300, 8000, 0.1)], 8000, 24);
    const random = randomFrom('damaged wav');
    for (let i = 0; i < 200; i++) await expectSoundOrName(damaged(whole, random));
    // Without ffmpeg, what the decoder said is said too.
    const unknown = loadAudio({ kind: 'bytes', data: Buffer.from('no sound at all'), name: 'upload 8' });
    await expect(unknown).rejects.toThrow(
      'ffmpeg is not on PATH, which upload 8 (Unknown audio format) needs',
    );
  });
});

describe.skipIf(!hasFfmpeg)('loadAudio of files that ffmpeg made', () => {
  it.each(['flac', 'mp3', 'ogg', 'm4a'])('gives sound or the name of a damaged %s', async (format) => {
    await makeMedia('-f', 'lavfi', '-i', 'sine=d=1', at(`damaged.${format}`));
    const whole = readFileSync(at(`damaged.${format}`));
    const random = randomFrom(`damaged ${format}`);
    vi.stubEnv('PATH', '/nowhere');
    try {
      for (let i = 0; i < 20; i++) await expectSoundOrName(damaged(whole, random));
    } finally {
      vi.unstubAllEnvs();
    }
  });

  const formats: readonly (readonly [string, ...string[]])[] = [
    ['tone.flac'],
    ['tone.mp3', '-b:a', '192k'],
    ['vorbis.ogg', '-c:a', 'libvorbis', '-q:a', '8'],
    ['opus.ogg', '-c:a', 'libopus', '-b:a', '128k'],
    ['tone.m4a', '-c:a', 'aac', '-b:a', '192k'],
    ['lossless.m4a', '-c:a', 'alac'],
    ['tone.webm', '-c:a', 'libopus', '-b:a', '128k'],
    ['tone.aiff'],
    ['tone.au'], // for which there is ffmpeg only
  ];
  it.each(formats)('keeps the frequency and the length of %s', async (name, ...codec) => {
    const source = 'aevalsrc=0.5*sin(2*PI*1234*t)|0.5*sin(2*PI*1234*t):s=44100:d=2';
    await makeMedia('-f', 'lavfi', '-i', source, ...codec, at(name));
    const sound = await loadAudio({ kind: 'file', path: at(name) }, { samplingRate: 16_000 });
    expect(Math.abs(sound.samples.length / 16_000 - 2)).toBeLessThan(0.03); // coders add a frame at most
    const level = amplitudeAt(sound, 1234);
    expect(level).toBeCloseTo(amplitudeAt(await decodedByFfmpeg(at(name)), 1234), 3);
    expect(Math.abs(level - 0.5)).toBeLessThan(0.02); // the MP3 coder turns it down a little
    for (const other of [617, 1134, 1334, 2468, 5000]) expect(amplitudeAt(sound, other)).toBeLessThan(0.005);
  });

  it('mixes 5.1 alike in formats that order channels differently', async () => {
    const tones = [300, 500, 700, 60, 1100, 1300]; // the fourth is the low one
    const source = `aevalsrc=${tones.map((f) => `0.6*sin(2*PI*${f}*t)`).join('|')}:s=48000:d=1:c=5.1`;
    for (const [name, ...codec] of [
      ['5.1.wav'],
      ['5.1.flac'],
      ['5.1.ogg', '-c:a', 'libvorbis', '-q:a', '8'],
      ['5.1.m4a', '-c:a', 'aac', '-b:a', '640k'],
      ['5.1.au'],
    ] as const) {
      await makeMedia('-f', 'lavfi', '-i', source, ...codec, at(name));
      const sound = await loadAudio({ kind: 'file', path: at(name) }, { samplingRate: 16_000 });
      const reference = await decodedByFfmpeg(at(name));
      for (const tone of tones) {
        expect(amplitudeAt(sound, tone)).toBeCloseTo(amplitudeAt(reference, tone), 3);
        if (tone > 60) expect(Math.abs(amplitudeAt(sound, tone) - 0.1)).toBeLessThan(0.003); // Vorbis lifts what is low
      }
    }
  });

  it('finds the sound of a video, and clips what only ffmpeg reads', async () => {
    await makeMedia(
      ...['-f', 'lavfi', '-i', 'testsrc=d=2:s=64x64', '-f', 'lavfi', '-i', 'sine=f=500:d=2:r=16000'],
      ...['-c:v', 'mpeg4', '-c:a', 'aac', at('film.mp4')],
    );
    const film = await loadAudio(
      { kind: 'file', path: at('film.mp4'), start: 1, end: 1.5 },
      { samplingRate: 16_000 },
    );
    expect(film.samples).toHaveLength(8000);
    expect(amplitudeAt(film, 500)).toBeGreaterThan(0.1);
    // Half a second of 500 Hz, then 900 Hz.
    const source = 'aevalsrc=0.5*sin(2*PI*if(lt(t\\,0.5)\\,500\\,900)*t):s=16000:d=1';
    await makeMedia('-f', 'lavfi', '-i', source, at('clip.au'));
    const data = readFileSync(at('clip.au'));
    for (const sound of [
      await loadAudio({ kind: 'file', path: at('clip.au'), start: 0.5 }),
      await loadAudio({ kind: 'bytes', data, start: 0.5, end: 1 }),
    ]) {
      expect(sound.samples).toHaveLength(8000);
      expect(amplitudeAt(sound, 900)).toBeCloseTo(0.5, 2);
      expect(amplitudeAt(sound, 500)).toBeLessThan(0.001);
    }
    expect((await loadAudio({ kind: 'bytes', data }, { maxSeconds: 0.25 })).samples).toHaveLength(4000);
    await expect(loadAudio({ kind: 'file', path: at('clip.au'), start: 5 })).rejects.toThrow(
      'from 5 seconds on',
    );
    await makeMedia('-f', 'lavfi', '-i', 'testsrc=d=1:s=64x64', '-c:v', 'mpeg4', at('silent.mp4'));
    await expect(loadAudio({ kind: 'file', path: at('silent.mp4') })).rejects.toThrow(at('silent.mp4'));
  });
});
