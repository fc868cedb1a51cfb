import { z } from 'zod';
import { SplitPreTokenizer } from './library.js';

/** What a `tokenizer.json` searches for: a text, or a regular expression in Oniguruma's syntax. */
export const patternSchema = z
  .union([z.strictObject({ String: z.string().min(1) }), z.strictObject({ Regex: z.string() })])
  .transform((pattern): RegExp => {
    if ('String' in pattern) return new RegExp(pattern.String.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'gu');
    // The library translates Oniguruma's syntax to JavaScript's.
    return new SplitPreTokenizer({ type: 'Split', pattern, behavior: 'Isolated', invert: false }).pattern;
  });

/** Where a pattern matches and where not, in order and without gaps; matches of no length are left out. */
export function segments(text: string, pattern: RegExp): { text: string; matches: boolean }[] {
  const result: { text: string; matches: boolean }[] = [];
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    if (match[0] === '') continue;
    if (match.index > end) result.push({ text: text.slice(end, match.index), matches: false });
    result.push({ text: match[0], matches: true });
    end = match.index + match[0].length;
  }
  if (end < text.length) result.push({ text: text.slice(end), matches: false });
  return result;
}

/** Unicode's white space, which differs from JavaScript's `\s` in U+0085 and U+FEFF. */
export const whiteSpace = /\p{White_Space}/gu;

/** Punctuation as BERT counts it: Unicode's, and all of ASCII's marks. */
export const punctuation = /[\p{P}\u0021-\u002F\u003A-\u0040\u005B-\u0060\u007B-\u007E]/gu;

/** Numbers of any kind. */
export const numeric = /\p{N}/gu;

/** Python's `str.strip`: Unicode's white space and the four separators of ASCII, at both ends. */
export function stripAsPython(text: string): string {
  const isSpace = (character: string): boolean =>
    /\p{White_Space}/u.test(character) || (character >= '\x1C' && character <= '\x1F');
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(text[start]!)) start++;
  while (end > start && isSpace(text[end - 1]!)) end--;
  return text.slice(start, end);
}
