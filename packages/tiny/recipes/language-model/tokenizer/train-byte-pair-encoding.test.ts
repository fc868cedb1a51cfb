import { describe, expect, it } from 'vitest';
import { bytePieces } from './byte-level.js';
import { trainBytePairEncoding } from './train-byte-pair-encoding.js';

describe('trainBytePairEncoding', () => {
  it('merges as the paper does: its example of low, lower, newest, widest', () => {
    // Sennrich et al. 2016, §3.2, without their end-of-word sign: "es" 9 times, then "est", then "lo", "low".
    const counts = new Map([
      ['low', 5],
      ['lower', 2],
      ['newest', 6],
      ['widest', 3],
    ]);
    expect(trainBytePairEncoding(counts, 256 + 4).map((merge) => merge.join('+'))).toEqual([
      'e+s',
      'es+t',
      'l+o',
      'lo+w',
    ]);
  });

  it('counts a pair that overlaps itself where it can be merged', () => {
    expect(trainBytePairEncoding(new Map([['aaaa', 3]]), 256 + 2)).toEqual([
      ['a', 'a'],
      ['aa', 'aa'],
    ]);
  });

  it('stops when no pair occurs twice', () => {
    expect(trainBytePairEncoding(new Map([['abc', 1]]), 300)).toEqual([]);
  });

  it('does not depend on the order of the counts', () => {
    const text = 'the quick brown fox jumps over the lazy dog and the other dogs over there';
    const pieces = bytePieces(text).map((piece) => [piece, 2] as const);
    expect(trainBytePairEncoding(new Map(pieces), 290)).toEqual(
      trainBytePairEncoding(new Map([...pieces].reverse()), 290),
    );
  });
});
