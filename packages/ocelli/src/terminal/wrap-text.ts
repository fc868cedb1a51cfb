import { displayWidth, graphemes, stripEscapes } from './display-width.js';

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are control characters
const STYLE = /\u001b\[([0-9;]*)m/g;
const RESET = '\u001b[0m';

/** The styles of `before` that are still on after `line`, in short the codes to write again on the next line. */
function stylesAfter(before: string, line: string): string {
  let open: string[] = [];
  for (const [code, numbers] of (before + line).matchAll(STYLE)) {
    if (numbers === '' || numbers === '0') open = [];
    else if (/^(39|22|23|24|49)$/.test(numbers!)) open.pop();
    else open.push(code);
  }
  return open.join('');
}

function breakWord(word: string, width: number): string[] {
  if (displayWidth(word) <= width) return [word];
  const pieces: string[] = [''];
  for (const grapheme of graphemes(stripEscapes(word))) {
    if (pieces.at(-1) !== '' && displayWidth(pieces.at(-1)! + grapheme) > width) pieces.push('');
    pieces[pieces.length - 1] += grapheme;
  }
  return pieces;
}

/**
 * Text in lines of at most `width` columns, broken at spaces (inside a word only if the word alone is too long) and at
 * line feeds. Colours do not leak: a style that is on at the end of a line is ended there and begun again on the next.
 *
 * @param width in columns, at least 2 so that a wide character fits
 */
export function wrapText(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const paragraph of text.split('\n')) {
    let line = '';
    for (const word of paragraph.split(' ').flatMap((part) => breakWord(part, width))) {
      const longer = line === '' ? word : `${line} ${word}`;
      if (line !== '' && displayWidth(longer) > width) {
        lines.push(line);
        line = word;
      } else {
        line = longer;
      }
    }
    lines.push(line);
  }
  let styles = '';
  return lines.map((line) => {
    const begun = styles + line;
    styles = stylesAfter(styles, line);
    return styles === '' ? begun : begun + RESET;
  });
}
