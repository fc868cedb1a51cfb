import { describe, expect, it } from 'vitest';
import { createColours } from './colours.js';
import { terminalAbility } from './terminal-ability.js';

const tty = { isTTY: true, columns: 120 };

describe('terminalAbility', () => {
  it.each([
    [{ TERM: 'xterm-256color', COLORTERM: 'truecolor' }, '24-bit'],
    [{ TERM: 'xterm-256color' }, '256'],
    [{ TERM: 'xterm-kitty' }, '24-bit'],
    [{ TERM: 'xterm' }, 'basic'],
    [{ TERM: 'dumb', COLORTERM: 'truecolor' }, 'none'],
    [{ TERM: 'xterm-256color', COLORTERM: 'truecolor', NO_COLOR: '1' }, 'none'],
    [{ TERM: 'xterm-256color', NO_COLOR: '' }, '256'],
    [{ TERM: 'xterm', FORCE_COLOR: '3' }, '24-bit'],
    [{ TERM: 'xterm', FORCE_COLOR: '0' }, 'none'],
    [{ TERM: 'xterm', FORCE_COLOR: '3', NO_COLOR: '1' }, 'none'],
  ] as const)('%o shows %s', (environment, colour) => {
    expect(terminalAbility(tty, environment).colour).toBe(colour);
  });

  it('has neither colours nor redraws in a pipe or a file', () => {
    const environment = { TERM: 'xterm-256color', COLORTERM: 'truecolor' };
    expect(terminalAbility({}, environment)).toEqual({
      interactive: false,
      colour: 'none',
      unicode: true,
      columns: 80,
    });
    expect(terminalAbility({}, { ...environment, FORCE_COLOR: '1' }).colour).toBe('24-bit');
  });

  it('reads the locale', () => {
    expect(terminalAbility(tty, { LANG: 'de_DE.UTF-8' }).unicode).toBe(true);
    expect(terminalAbility(tty, { LANG: 'de_DE.UTF-8', LC_ALL: 'C' }).unicode).toBe(false);
    expect(terminalAbility(tty, { TERM: 'linux', LANG: 'C.utf8' }).unicode).toBe(false);
    expect(terminalAbility(tty, {}).unicode).toBe(true);
  });
});

describe('createColours', () => {
  it('nests', () => {
    const { red, bold, green } = createColours(true);
    expect(red('x')).toBe('\u001b[31mx\u001b[39m');
    expect(red(`a${green('b')}c`)).toBe('\u001b[31ma\u001b[32mb\u001b[39m\u001b[31mc\u001b[39m');
    expect(bold('')).toBe('');
  });

  it('leaves text alone when off', () => {
    expect(createColours(false).red('x')).toBe('x');
  });
});
