import { terminalAbility } from './terminal-ability.js';

const CODES = {
  bold: [1, 22],
  dim: [2, 22],
  italic: [3, 23],
  underline: [4, 24],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  blue: [34, 39],
  magenta: [35, 39],
  cyan: [36, 39],
  grey: [90, 39],
} as const;

/** Functions that give text a colour or weight. */
export type Colours = Readonly<Record<keyof typeof CODES, (text: string) => string>>;

/**
 * Colours for one stream. They may be nested.
 *
 * @param enabled false: every function gives its text back. Default: whether standard output shows colours, which
 *   honours `NO_COLOR` and `FORCE_COLOR`; for another stream pass `terminalAbility(stream).colour !== 'none'`
 */
export function createColours(enabled: boolean = terminalAbility().colour !== 'none'): Colours {
  const paint = (open: number, close: number) => (text: string) => {
    if (!enabled || text === '') return text;
    const end = `\u001b[${close}m`;
    // An inner end would switch the outer colour off: switch it on again there.
    return `\u001b[${open}m${text.replaceAll(end, `${end}\u001b[${open}m`)}${end}`;
  };
  return {
    bold: paint(...CODES.bold),
    dim: paint(...CODES.dim),
    italic: paint(...CODES.italic),
    underline: paint(...CODES.underline),
    red: paint(...CODES.red),
    green: paint(...CODES.green),
    yellow: paint(...CODES.yellow),
    blue: paint(...CODES.blue),
    magenta: paint(...CODES.magenta),
    cyan: paint(...CODES.cyan),
    grey: paint(...CODES.grey),
  };
}
