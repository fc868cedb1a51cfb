import { describe, expect, it } from 'vitest';
import { createColours } from './colours.js';
import { displayWidth, pad, stripEscapes, truncate } from './display-width.js';
import { formatTable } from './format-table.js';
import { wrapText } from './wrap-text.js';

const { red } = createColours(true);

describe('displayWidth', () => {
  it.each([
    ['abc', 3],
    ['', 0],
    ['é', 1],
    ['e\u0301', 1],
    ['日本', 4],
    ['한글', 4],
    ['🐶', 2],
    ['👩‍👩‍👧', 2],
    ['❤️', 2],
    ['★ ± – ✓', 7],
    ['━─▀', 3],
    ['\u200b', 0],
    [red('ab'), 2],
  ])('%j takes %i columns', (text, width) => {
    expect(displayWidth(text)).toBe(width);
  });

  it('pads and cuts by columns', () => {
    expect(pad('日', 4)).toBe('日  ');
    expect(pad('7', 3, 'start')).toBe('  7');
    expect(truncate('three red apples', 10)).toBe('three red…');
    expect(truncate('日本語', 5)).toBe('日本…');
    expect(truncate('short', 5)).toBe('short');
    expect(truncate('ab', 0)).toBe('');
  });
});

describe('wrapText', () => {
  it('breaks at spaces, and inside words only where it must', () => {
    expect(wrapText('three red apples on blue', 10)).toEqual(['three red', 'apples on', 'blue']);
    expect(wrapText('incomprehensible', 6)).toEqual(['incomp', 'rehens', 'ible']);
    expect(wrapText('a\n\nb', 6)).toEqual(['a', '', 'b']);
  });

  it('keeps colours inside their lines', () => {
    const lines = wrapText(`${red('one two')} six`, 4);
    expect(lines.map(stripEscapes)).toEqual(['one', 'two', 'six']);
    expect(lines[0]).toBe('\u001b[31mone\u001b[0m');
    expect(lines[1]).toBe('\u001b[31mtwo\u001b[39m');
    expect(lines[2]).toBe('six');
  });
});

describe('formatTable', () => {
  const rows = [
    { method: 'eP-ALM', cider: 4.34, note: undefined },
    { method: '日本', cider: 10.5, note: '🐶' },
    { method: red('MAGMA'), cider: Number.NaN, note: 'x' },
  ];

  it('aligns text left and numbers right, by what the eye sees', () => {
    const table = formatTable(rows, [
      { label: 'Method', value: 'method' },
      { label: 'CIDEr', value: 'cider', digits: 2 },
      { label: 'Note', value: ({ note }) => note },
    ]);
    expect(stripEscapes(table).split('\n')).toEqual([
      'Method  CIDEr  Note',
      '──────  ─────  ────',
      'eP-ALM   4.34  –',
      '日本    10.50  🐶',
      'MAGMA       –  x',
    ]);
  });

  it('takes looks, ASCII and no rows', () => {
    const columns = [{ label: 'n', value: 'n' } as const];
    expect(formatTable([{ n: 1 }, { n: 12 }], columns, { unicode: false, head: (text) => `<${text}>` })).toBe(
      '< n>\n--\n 1\n12',
    );
    expect(formatTable<{ n: number }>([], columns)).toBe('n\n─');
  });
});
