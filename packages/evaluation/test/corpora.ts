import fc from 'fast-check';
import type { TokenizedSample } from '../src/index.js';

/** Tokens of a text that is already tokenised. */
export const tokens = (text: string): string[] => (text === '' ? [] : text.split(' '));

/** One sample from already tokenised text. */
export const sample = (hypothesis: string, ...references: string[]): TokenizedSample => ({
  hypothesis: tokens(hypothesis),
  references: references.map(tokens),
});

// Few words, so that n-grams repeat within captions and between images.
const caption = (minLength: number) =>
  fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'dog', '__proto__'), { minLength, maxLength: 12 });

/** Random corpora of 1 to 8 images with 1 to 5 references each. */
export const corpus = (minLength = 0) =>
  fc.array(
    fc.record({
      hypothesis: caption(minLength),
      references: fc.array(caption(minLength), { minLength: 1, maxLength: 5 }),
    }),
    { minLength: 1, maxLength: 8 },
  );

/** The three images whose scores the original Python scorers gave, see the golden numbers in the tests. */
export const THREE_IMAGES = [
  {
    id: '0',
    references: ['a man riding a wave on a surfboard', 'a surfer rides a big wave'],
    hypothesis: 'a man riding a wave',
  },
  {
    id: '1',
    references: ['two dogs play in the grass', 'dogs running on a lawn'],
    hypothesis: 'two dogs in the grass',
  },
  {
    id: '2',
    references: ['a plate of food on a table', 'a dinner plate with vegetables'],
    hypothesis: 'a plate with food',
  },
];

export const THREE_TOKENIZED = THREE_IMAGES.map(({ references, hypothesis }) =>
  sample(hypothesis, ...references),
);
