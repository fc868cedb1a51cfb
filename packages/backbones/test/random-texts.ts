import { readFileSync } from 'node:fs';

/** Hard texts, and what the random ones are made of (tools/golden/tokenizer_texts.py). */
export interface TextsFile {
  readonly seed: number;
  readonly count: number;
  /** Texts that share one checksum. */
  readonly block: number;
  readonly texts: readonly string[];
  readonly pools: readonly (
    | { readonly texts: readonly string[] }
    | { readonly first: number; readonly last: number }
  )[];
}

export function readTexts(): TextsFile {
  const url = new URL('./fixtures/tokenizers/texts.json', import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8')) as TextsFile;
}

/** The same texts that Python drew. */
export function randomTexts({ seed, count, pools }: TextsFile): string[] {
  let state = seed;
  // mulberry32
  const draw = (limit: number): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
  const part = (): string => {
    const pool = pools[draw(pools.length)]!;
    if ('texts' in pool) return pool.texts[draw(pool.texts.length)]!;
    return String.fromCodePoint(pool.first + draw(pool.last - pool.first + 1));
  };
  return Array.from({ length: count }, () => Array.from({ length: draw(25) }, part).join(''));
}
