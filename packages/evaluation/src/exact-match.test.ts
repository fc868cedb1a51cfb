import { describe, expect, it } from 'vitest';
import { exactMatch } from './exact-match.js';

describe('exactMatch', () => {
  it('ignores case, space and final punctuation', () => {
    expect(exactMatch('  A red\n Circle. ', ['nothing', 'a  red circle'])).toBe(true);
    expect(exactMatch('yes', ['Yes!'])).toBe(true);
    expect(exactMatch('cafe\u0301', ['caf\u00e9'])).toBe(true);
  });

  it('sees every other difference', () => {
    expect(exactMatch('a red circle', ['red circle'])).toBe(false);
    expect(exactMatch('3.5', ['35'])).toBe(false);
    expect(exactMatch('', ['a'])).toBe(false);
  });

  it('refuses bad input', () => {
    expect(() => exactMatch('a', [])).toThrow('[exactMatch] references is an array of 0; pass at least one');
    expect(() => exactMatch(null as unknown as string, ['a'])).toThrow('[exactMatch] hypothesis is null;');
    expect(() => exactMatch('a', ['a', 1 as unknown as string])).toThrow(
      '[exactMatch] references[1] is number 1;',
    );
  });
});
