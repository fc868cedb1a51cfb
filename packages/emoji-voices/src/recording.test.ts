import { concepts } from '@ocelli/emoji-scenes';
import { describe, expect, it } from 'vitest';
import { type Utterance, utteranceOf } from './recording.js';
import { parseRecordingId, recordingId } from './sample-id.js';
import { type VoiceSplit, voiceSplits, voicesOf } from './splits.js';
import { isUtteranceHeldOut, repetitions, speakers } from './utterance.js';
import { accents, unseenVoices, voices } from './voices.js';

const utterances = (prefix: string, count: number): Utterance[] =>
  Array.from({ length: count }, (_, i) => utteranceOf(`${prefix}/${String(i).padStart(6, '0')}`));

describe('recordings', () => {
  it('follow from the id alone (golden)', () => {
    const first = utteranceOf('demo/train/000123');
    expect(first).toMatchObject({
      concept: { label: 'tulip' },
      ...{ speaker: 'a woman', repetition: 'three times', accent: 'en' },
      voice: { name: 'f1' },
    });
    expect(first.sayings.map(({ rate, pitch }) => [rate, pitch])).toEqual([
      [201, 59],
      [210, 58],
      [199, 59],
    ]);
    expect(first.sayings[1]!.pause).toBeCloseTo(0.23017993836198003, 12);
    expect(first.noise.level).toBeCloseTo(0.0007530798098722511, 12);
    expect(utteranceOf('demo/unseen-voice/000042')).toMatchObject({
      concept: { label: 'honeybee' },
      ...{ speaker: 'a man', repetition: 'twice', accent: 'en-gb-x-gbcwmd' },
      voice: { name: 'Diogo' },
    });
    expect(utteranceOf('harder/unseen-pair/000007')).toMatchObject({
      concept: { label: 'banana' },
      ...{ speaker: 'a woman', repetition: 'three times', voice: { name: 'aunty' } },
    });
    expect(utteranceOf('all/validation@7/123456')).toMatchObject({
      concept: { label: 'wind chime' },
      ...{ speaker: 'a woman', repetition: 'three times', voice: { name: 'Annie' } },
    });
  });

  it('keep the voices of the splits apart', () => {
    expect([...voicesOf.train, ...voicesOf.validation, ...voicesOf['unseen-voice']]).toEqual(voices);
    expect(new Set(voices.map(({ name }) => name)).size).toBe(37);
    for (const split of voiceSplits) {
      const heard = utterances(`demo/${split}`, 1000);
      for (const { voice, speaker } of heard) {
        expect(voicesOf[split]).toContain(voice);
        expect(voice.speaker).toBe(speaker);
        expect(unseenVoices.includes(voice)).toBe(split === 'unseen-voice');
      }
      expect(new Set(heard.map(({ voice }) => voice)).size).toBe(voicesOf[split].length);
      expect(new Set(heard.map(({ accent }) => accent)).size).toBe(accents.length);
    }
  });

  it('say held-out pairs in unseen-pair and nowhere else', () => {
    for (const split of voiceSplits) {
      for (const utterance of utterances(`harder/${split}`, 2000)) {
        expect(isUtteranceHeldOut(utterance)).toBe(split === 'unseen-pair');
      }
    }
  });

  it.each(['train', 'validation', 'unseen-voice'] as const)(
    'of %s are as often a man as a woman, and say a thing as often once as thrice',
    (split: VoiceSplit) => {
      const heard = utterances(`demo/${split}`, 4000);
      const share = (is: (utterance: Utterance) => boolean) => heard.filter(is).length / heard.length;
      // What is held out moves these by less than 0.01; four standard deviations of 4,000 draws are 0.03.
      for (const speaker of speakers) {
        expect(Math.abs(share((one) => one.speaker === speaker) - 1 / 2)).toBeLessThan(0.04);
      }
      for (const [index, repetition] of repetitions.entries()) {
        const said = heard.filter((one) => one.repetition === repetition);
        expect(Math.abs(said.length / heard.length - 1 / 3)).toBeLessThan(0.04);
        for (const { sayings } of said) expect(sayings).toHaveLength(index + 1);
      }
      const counts = concepts('demo').map(({ id }) => share(({ concept }) => concept.id === id));
      // Every thing is there; one that no man says, or no woman, half as often as others.
      expect(Math.max(...counts)).toBeLessThan(0.03);
      expect(Math.min(...counts)).toBeGreaterThan(0.001);
    },
  );
});

describe('recording ids', () => {
  it('read back', () => {
    for (const seed of [0, 7]) {
      const parts = { set: 'harder', split: 'unseen-voice', seed, index: 42 } as const;
      expect(parseRecordingId(recordingId(parts))).toEqual(parts);
    }
    expect(recordingId({ set: 'demo', split: 'train', seed: 7, index: 123 })).toBe('demo/train@7/000123');
  });

  it.each([
    'train/000123',
    'demo/unseen-artist/000001',
    'demo/train/1',
    'demo/train@0/000001',
    'demo/train/0000001',
  ])('refuse %s', (id) => expect(() => utteranceOf(id)).toThrow(`[emoji-voices] "${id}" is no sample id`));
});
