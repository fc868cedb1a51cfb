import { byteCharacters } from './byte-level.js';

/** Two neighbours that become one symbol, the most frequent first. */
export type Merge = readonly [left: string, right: string];

interface Word {
  symbols: string[];
  readonly count: number;
}

const key = (left: string, right: string) => `${left} ${right}`;

/**
 * Learns a byte-pair encoding (Sennrich et al. 2016, arXiv 1508.07909): again and again the most frequent pair of
 * neighbouring symbols becomes a symbol. Ties go to the pair that comes first in code-point order, so the result does
 * not depend on the order of `counts`.
 *
 * @param counts how often each piece (in byte characters) occurs.
 * @param symbols how many symbols to end with, the 256 bytes among them; fewer when no pair occurs twice.
 * @returns the merges in order.
 */
export function trainBytePairEncoding(counts: ReadonlyMap<string, number>, symbols: number): Merge[] {
  const words: Word[] = [...counts].map(([piece, count]) => ({ symbols: [...piece], count }));
  const frequency = new Map<string, number>();
  /** Which words have had a pair at some time. */
  const where = new Map<string, Set<number>>();
  const change = (pair: string, by: number, word: number) => {
    frequency.set(pair, (frequency.get(pair) ?? 0) + by);
    if (by < 0) return;
    const set = where.get(pair);
    if (set === undefined) where.set(pair, new Set([word]));
    else set.add(word);
  };
  const changeAll = (index: number, sign: 1 | -1) => {
    const { symbols: parts, count } = words[index]!;
    for (let i = 1; i < parts.length; i++) change(key(parts[i - 1]!, parts[i]!), sign * count, index);
  };
  for (const index of words.keys()) changeAll(index, 1);

  const merges: Merge[] = [];
  // Two merges may make the same symbol in two ways ("a"+"bc", "ab"+"c"), so symbols are counted, not merges.
  const known = new Set(byteCharacters);
  while (known.size < symbols) {
    const pair = mostFrequent(frequency);
    if (pair === undefined) break;
    const [left, right] = pair.split(' ') as [string, string];
    merges.push([left, right]);
    known.add(left + right);
    for (const index of where.get(pair)!) {
      changeAll(index, -1);
      words[index]!.symbols = merged(words[index]!.symbols, left, right);
      changeAll(index, 1);
    }
    frequency.delete(pair);
    where.delete(pair);
  }
  return merges;
}

function mostFrequent(frequency: ReadonlyMap<string, number>): string | undefined {
  let best: string | undefined;
  let highest = 1;
  for (const [pair, count] of frequency) {
    if (count > highest || (count === highest && best !== undefined && pair < best)) {
      highest = count;
      best = pair;
    }
  }
  return best;
}

function merged(symbols: readonly string[], left: string, right: string): string[] {
  const result: string[] = [];
  for (let i = 0; i < symbols.length; i++) {
    if (symbols[i] === left && symbols[i + 1] === right) {
      result.push(left + right);
      i++;
    } else {
      result.push(symbols[i]!);
    }
  }
  return result;
}
