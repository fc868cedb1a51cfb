import { createHash } from 'node:crypto';
import { conceptByLabel } from '@ocelli/emoji-scenes';
import { describe, expect, it } from 'vitest';
import { emojiVoices } from './emoji-voices.js';
import { utteranceOf } from './recording.js';
import { recordingSeconds, renderUtterance } from './render-utterance.js';
import { voiceSplits } from './splits.js';
import { voices } from './voices.js';

const rootMeanSquare = (samples: Float32Array) =>
  Math.sqrt(samples.reduce((sum, value) => sum + value * value, 0) / samples.length);

describe('emojiVoices', () => {
  it('has a length, a name and samples by index or in order', async () => {
    const dataset = emojiVoices({ split: 'validation', size: 3 });
    expect(dataset).toMatchObject({ name: 'emoji-voices/demo/validation', length: 3 });
    const ids: string[] = [];
    for await (const sample of dataset) ids.push(sample.id);
    expect(ids).toEqual(['demo/validation/000000', 'demo/validation/000001', 'demo/validation/000002']);
    const sample = await dataset.sample(1);
    expect(sample.utterance).toEqual(utteranceOf(sample.id));
    expect(sample.media.audio).toMatchObject({
      kind: 'rendered',
      key: 'emoji-voices-1/demo/validation/000001',
    });
    expect(sample.text.captions[0]).toBe(
      `${sample.utterance.speaker} says ${sample.utterance.concept.label} ${sample.utterance.repetition}`,
    );
    expect(sample.text.questions).toHaveLength(5);
  });

  it('gives other recordings for another seed and for another set', async () => {
    const at = async (options: object) =>
      (await emojiVoices({ split: 'train', ...options }).sample(0)).utterance;
    expect(await at({ seed: 1 })).not.toEqual(await at({}));
    expect(await at({ concepts: 'harder' })).not.toEqual(await at({}));
  });

  it('refuses what it cannot give', async () => {
    const split = 'unseen-artist' as 'unseen-voice';
    expect(() => emojiVoices({ split })).toThrow('there is no split "unseen-artist"; choose one of train,');
    expect(() => emojiVoices({ split: 'train', size: 0 })).toThrow('size 0 is out of range');
    expect(() => emojiVoices({ split: 'train', seed: 0.5 })).toThrow('seed 0.5');
    await expect(emojiVoices({ split: 'train', size: 2 }).sample(2)).rejects.toThrow('there is no sample 2');
  });
});

describe('sound', () => {
  it('follows from the id alone, on every machine (golden)', async () => {
    const { samples, samplingRate } = await renderUtterance(utteranceOf('demo/train/000123'));
    expect(samplingRate).toBe(16_000);
    expect(createHash('sha256').update(new Uint8Array(samples.buffer)).digest('hex')).toBe(
      'a0fac2b1564bfcc15d1b6f0dea9fc5290fe2ec7d5eb4aaf2df542f53569a41d8',
    );
  });

  it('has the silences, the level and the noise that were drawn, and its length', async () => {
    for (const split of voiceSplits) {
      for await (const { media, utterance } of emojiVoices({ split, concepts: 'harder', size: 12 })) {
        const { samples, samplingRate } = await media.audio.render();
        expect(samples).toHaveLength(recordingSeconds * samplingRate);
        const loudest = samples.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
        const level = Math.max(...utterance.sayings.map((saying) => saying.level));
        expect(loudest).toBeLessThanOrEqual(1);
        expect(Math.abs(loudest - level)).toBeLessThan(6 * utterance.noise.level);
        const quiet = samples.subarray(0, Math.floor(utterance.sayings[0]!.pause * samplingRate));
        // The deepest noise has 40 samples of memory, the shortest silence 800 samples.
        expect(rootMeanSquare(quiet) / utterance.noise.level).toBeGreaterThan(0.6);
        expect(rootMeanSquare(quiet) / utterance.noise.level).toBeLessThan(1.5);
        const word = samples.subarray(quiet.length, quiet.length + 3000);
        expect(rootMeanSquare(word)).toBeGreaterThan(3 * utterance.noise.level);
      }
    }
  });

  it('says the longest names three times in time', async () => {
    const slow = voices.find(({ name }) => name === 'Marco')!;
    for (const label of ['desktop computer', 'articulated lorry', 'american football']) {
      const utterance = utteranceOf('demo/train/000000');
      const sayings = [0, 1, 2].map(() => ({ pause: 0.3, rate: 176, pitch: 50, level: 0.5 }));
      const { samples, samplingRate } = await renderUtterance({
        ...utterance,
        concept: conceptByLabel(label),
        voice: slow,
        sayings,
        noise: { ...utterance.noise, level: 0 },
      });
      // Said in full: there is sound until shortly before the end, and none in the last 0.05 seconds.
      const end = samples.length - 0.05 * samplingRate;
      expect(rootMeanSquare(samples.subarray(end))).toBe(0);
      expect(rootMeanSquare(samples.subarray(end - 0.4 * samplingRate, end))).toBeGreaterThan(0.01);
    }
  });
});
