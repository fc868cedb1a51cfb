// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are control characters
const ESCAPE_SEQUENCE = /\u001b\[[0-9;?]*[A-Za-z]/g;
const ZERO_WIDTH = /^[\p{Mark}\p{Control}\p{Format}]+$/u;
const EMOJI = /\p{Emoji_Presentation}|\p{Emoji}\uFE0F/u;
// East Asian Wide and Fullwidth: Hangul, CJK, kana, fullwidth forms, ideographs beyond the first plane.
const WIDE =
  /[\u1100-\u115F\u2E80-\u303E\u3041-\u33FF\u3400-\u4DBF\u4E00-\u9FFF\uA000-\uA4CF\uA960-\uA97F\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF01-\uFF60\uFFE0-\uFFE6\u{20000}-\u{3FFFD}]/u;

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** The text without its ANSI escape sequences. */
export function stripEscapes(text: string): string {
  return text.replace(ESCAPE_SEQUENCE, '');
}

/** What a reader takes for the characters of a text: an emoji with its modifiers is one. */
export function graphemes(text: string): string[] {
  return [...segmenter.segment(text)].map(({ segment }) => segment);
}

/**
 * How many columns of a terminal a text takes: escape sequences and combining marks none, CJK and emoji two, all else
 * one.
 */
export function displayWidth(text: string): number {
  const plain = stripEscapes(text);
  if (/^[\x20-\x7e]*$/.test(plain)) return plain.length;
  let width = 0;
  for (const grapheme of graphemes(plain)) {
    if (ZERO_WIDTH.test(grapheme)) continue;
    width += EMOJI.test(grapheme) || WIDE.test(grapheme) ? 2 : 1;
  }
  return width;
}

/** The text with spaces at its end (or its start) up to `width` columns; longer text stays as it is. */
export function pad(text: string, width: number, side: 'start' | 'end' = 'end'): string {
  const space = ' '.repeat(Math.max(0, width - displayWidth(text)));
  return side === 'end' ? text + space : space + text;
}

/** The text without escape sequences, cut to `width` columns with an ellipsis. */
export function truncate(text: string, width: number, ellipsis = '…'): string {
  const plain = stripEscapes(text);
  if (displayWidth(plain) <= width) return plain;
  let kept = '';
  for (const grapheme of graphemes(plain)) {
    if (displayWidth(kept + grapheme) + displayWidth(ellipsis) > width) break;
    kept += grapheme;
  }
  return width < displayWidth(ellipsis) ? '' : kept.trimEnd() + ellipsis;
}
