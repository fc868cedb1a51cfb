import { describe, expect, it } from 'vitest';
import { openSynthesizer, samplingRate } from './synthesizer.js';
import { accents, voices } from './voices.js';

const manner = { voice: voices[0]!, accent: 'en-us', rate: 200, pitch: 50 } as const;

describe('the synthesiser', () => {
  it('speaks as each voice in each accent, always otherwise', async () => {
    const { say } = await openSynthesizer();
    const sounds = new Set<string>();
    for (const voice of voices) {
      for (const accent of accents) {
        const sound = say('tomato', { ...manner, voice, accent });
        expect(sound.length).toBeGreaterThan(2500);
        sounds.add(Buffer.from(sound.buffer).toString('latin1'));
      }
    }
    expect(sounds.size).toBe(voices.length * accents.length);
  });

  it('takes men and women from the files of the voices', async () => {
    const { default: open } = await import('@echogarden/espeak-ng-emscripten');
    const { FS } = (await open()) as unknown as {
      FS: { readFile(path: string, options: { encoding: 'utf8' }): string };
    };
    for (const { name, speaker } of voices) {
      const file = FS.readFile(`/usr/share/espeak-ng-data/voices/!v/${name}`, { encoding: 'utf8' });
      const [, gender] = /^gender\s+(\w+)/m.exec(file)!;
      expect([name, speaker]).toEqual([name, gender!.toLowerCase() === 'female' ? 'a woman' : 'a man']);
      expect(file).not.toContain('klatt');
    }
  });

  it('does not remember what it said', async () => {
    const { say } = await openSynthesizer();
    for (const name of ['f2', 'croak', 'Annie', 'sandro']) {
      const voice = voices.find((one) => one.name === name)!;
      const first = say('red apple', { ...manner, voice });
      say('something else altogether', { ...manner, accent: 'en-gb-scotland' });
      expect(say('red apple', { ...manner, voice })).toEqual(first);
    }
  });

  it('speaks faster and higher where it is told to', async () => {
    const { say } = await openSynthesizer();
    const voice = voices.find(({ name }) => name === 'm3')!;
    const seconds = (rate: number) => say('telephone', { ...manner, voice, rate }).length / samplingRate;
    expect(seconds(180) / seconds(260)).toBeGreaterThan(1.25);
    // The period of a vowel, by the best autocorrelation from 60 to 250 Hz.
    const period = (pitch: number) => {
      const sound = say('moon', { ...manner, voice, pitch }).subarray(1450, 3650);
      const match = (lag: number) =>
        sound.subarray(lag).reduce((sum, value, i) => sum + value * sound[i]!, 0) / (sound.length - lag);
      const lags = Array.from({ length: 203 }, (_, i) => 64 + i);
      return lags.reduce((best, lag) => (match(lag) > match(best) ? lag : best));
    };
    expect(period(20) / period(80)).toBeGreaterThan(1.15);
  });

  it('begins and ends where it is heard, and names a voice that is not there', async () => {
    const { say } = await openSynthesizer();
    const sound = say('guitar', manner);
    const loudest = sound.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    for (const end of [sound[0]!, sound.at(-1)!]) expect(Math.abs(end)).toBeGreaterThanOrEqual(loudest / 100);
    expect(() => say('x', { ...manner, accent: 'en-gb' as 'en' })).toThrow('has no voice en-gb+Andy');
  });
});
