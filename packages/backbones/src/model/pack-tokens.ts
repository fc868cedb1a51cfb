import type { PackedTokens } from './language-model.js';

/** Sequences of token ids as one batch without padding. */
export function packTokens(sequences: readonly ArrayLike<number>[]): PackedTokens {
  const lengths = sequences.map(({ length }) => length);
  const ids = new Int32Array(lengths.reduce((sum, length) => sum + length, 0));
  let begin = 0;
  for (const sequence of sequences) {
    ids.set(sequence, begin);
    begin += sequence.length;
  }
  return { lengths, ids };
}
