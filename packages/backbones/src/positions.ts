import type { TokenBatch } from './language-model.js';

/**
 * The position of each token, counted over attended tokens only: the first is 0, padding gets -1.
 *
 * @param seen tokens of each sequence that came before this call (a cache's), or null.
 */
export function textPositions(
  input: TokenBatch,
  seen: Int32Array | null,
): { positions: Int32Array; lengths: Int32Array } {
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
