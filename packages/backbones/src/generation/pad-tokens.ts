import type { TokenBatch } from '../model/language-model.js';

/** Sequences of token ids as one batch, padded on one side to the longest. */
export function padTokens(
  sequences: readonly ArrayLike<number>[],
  padId: number,
  side: 'left' | 'right',
): TokenBatch {
  const tokens = sequences.reduce((longest, { length }) => Math.max(longest, length), 0);
  const ids = new Int32Array(sequences.length * tokens).fill(padId);
  const mask = new Uint8Array(ids.length);
  for (const [row, sequence] of sequences.entries()) {
    const begin = side === 'left' ? (row + 1) * tokens - sequence.length : row * tokens;
    ids.set(sequence, begin);
    mask.fill(1, begin, begin + sequence.length);
  }
  return { batch: sequences.length, tokens, ids, mask };
}
