/** A person or company who drew a whole set of emoji by its own hand; the name is that of its `@iconify-json` package. */
export type Artist =
  | 'noto'
  | 'noto-v1'
  | 'twemoji'
  | 'openmoji'
  | 'emojione-v1'
  | 'fxemoji'
  | 'emojione'
  | 'fluent-emoji-flat'
  | 'fluent-emoji';

/** The six artists that training pictures (and `unseen-pair`) are drawn by. */
export const trainingArtists: readonly Artist[] = [
  'noto',
  'noto-v1',
  'twemoji',
  'openmoji',
  'emojione-v1',
  'fxemoji',
];

/** The artist that settings are chosen on. */
export const validationArtists: readonly Artist[] = ['emojione'];

/** The artist (two designs) that nothing is ever trained or chosen on. */
export const unseenArtists: readonly Artist[] = ['fluent-emoji-flat', 'fluent-emoji'];

/** All nine sets of drawings, in the order training, validation, unseen. */
export const artists: readonly Artist[] = [...trainingArtists, ...validationArtists, ...unseenArtists];
