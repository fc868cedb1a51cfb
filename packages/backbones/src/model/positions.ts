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

/** Where the rows of a block stand. */
export interface RowPlaces {
  /** The position of each token, as `textPositions` gives them. */
  readonly text: Int32Array;
  /** Text tokens of each sequence that came before this call, or null. */
  readonly seen: Int32Array | null;
  /** Rows of the block's cache that are no text. */
  readonly cachedRows: number;
  /** Rows that stand before each sample's text in this call. */
  readonly addedRows: number;
}

/**
 * The position of each row of a block, padding gets -1. A sample's attended rows are numbered one after another, spliced
 * and injected rows with the text, as transformers numbers `inputs_embeds` that a prefix was put before. Where rows come
 * or go between blocks, the text moves as a whole, of which rotary attention sees nothing.
 */
export function rowPositions(input: TokenBatch | PackedTokens, places: RowPlaces): Int32Array {
  const { text, seen, cachedRows, addedRows } = places;
  const shift = cachedRows + addedRows;
  if (shift === 0) return text;
  const samples =
    'lengths' in input ? input.lengths : Array.from({ length: input.batch }, () => input.tokens);
  const positions = new Int32Array(text.length + samples.length * addedRows);
  let place = 0;
  let token = 0;
  for (const [sample, tokens] of samples.entries()) {
    const first = (seen?.[sample] ?? 0) + cachedRows;
    for (let row = 0; row < addedRows; row++) positions[place++] = first + row;
    for (const end = token + tokens; token < end; token++) {
      positions[place++] = text[token]! < 0 ? -1 : text[token]! + shift;
    }
  }
  return positions;
}
