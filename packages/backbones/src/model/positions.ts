import type { PackedTokens, TokenBatch } from './language-model.js';

/**
 * The position of each token, counted over the attended tokens of its sample: the first is 0, padding gets -1.
 *
 * @param seen tokens of each sequence that came before this call (a cache's), or null.
 */
export function textPositions(
  input: TokenBatch | PackedTokens,
  seen: Int32Array | null,
): { positions: Int32Array; lengths: Int32Array } {
  if ('lengths' in input) {
    const positions = input.lengths.flatMap((tokens) => Array.from({ length: tokens }, (_, token) => token));
    return { positions: Int32Array.from(positions), lengths: Int32Array.from(input.lengths) };
  }
  const positions = new Int32Array(input.batch * input.tokens);
  const lengths = seen ? Int32Array.from(seen) : new Int32Array(input.batch);
  for (let row = 0; row < input.batch; row++) {
    for (let token = 0; token < input.tokens; token++) {
      const index = row * input.tokens + token;
      positions[index] = input.mask[index] ? lengths[row]!++ : -1;
    }
  }
  return { positions, lengths };
}
