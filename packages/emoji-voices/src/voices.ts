import type { Speaker } from './utterance.js';

/**
 * A synthetic voice: a variant of eSpeak NG by its file's name, and who speaks by the `gender` line of that file. Files
 * without the line, whispers and robots are no voices here.
 */
export interface Voice {
  readonly name: string;
  readonly speaker: Speaker;
}

/** `Diogo Hugo` → voices. */
function voicesOf(speaker: Speaker, names: string): Voice[] {
  return names.split(' ').map((name) => ({ name, speaker }));
}

/** The 25 voices that training recordings (and `unseen-pair`) are spoken by. */
export const trainingVoices: readonly Voice[] = [
  ...voicesOf('a man', 'Andy Denis Marco croak m1 m2 m3 m4 m5 m6 m7 m8 sandro travis victor'),
  ...voicesOf('a woman', 'Alicia anika aunty belinda f1 f2 f3 f4 f5 linda'),
];

/** The voices that settings are chosen on. */
export const validationVoices: readonly Voice[] = [
  ...voicesOf('a man', 'Storm antonio'),
  ...voicesOf('a woman', 'Andrea Annie'),
];

/**
 * The voices that nothing is ever trained or chosen on: a family, each nearer to another of them than to any voice
 * outside by its mean spectra.
 */
export const unseenVoices: readonly Voice[] = [
  ...voicesOf('a man', 'Diogo Henrique Hugo michel miguel'),
  ...voicesOf('a woman', 'grandma steph steph3'),
];

/** All 37 voices, in the order training, validation, unseen. */
export const voices: readonly Voice[] = [...trainingVoices, ...validationVoices, ...unseenVoices];

/** How English is pronounced, by eSpeak NG's names; every voice speaks with each of them. */
export const accents = [
  'en-us',
  'en-us-nyc',
  'en',
  'en-gb-x-rp',
  'en-gb-x-gbclan',
  'en-gb-x-gbcwmd',
  'en-gb-scotland',
  'en-029',
] as const;
export type Accent = (typeof accents)[number];
