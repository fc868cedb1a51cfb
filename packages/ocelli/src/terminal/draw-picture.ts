import type { Pixels } from '@ocelli/datasets';
import { checkPixels } from '../report/check-pixels.js';
import { colourCode } from './colour-code.js';
import { resizePixels } from './resize-pixels.js';
import { type ColourDepth, terminalAbility } from './terminal-ability.js';

/** How a picture is drawn. */
export interface DrawPictureOptions {
  /** Width in characters, default 24. The height follows from the picture's shape. */
  readonly columns?: number;
  /**
   * True for 24 bits; false draws nothing. Default: what standard output can show. Sixteen colours are too few for
   * pictures: `basic` draws nothing.
   */
  readonly colour?: boolean | ColourDepth;
}

const RESET = '\u001b[0m';

/** The colour depth a picture would be drawn in, or undefined where none can be drawn. */
export function pictureDepth(colour: DrawPictureOptions['colour']): '24-bit' | '256' | undefined {
  if (colour === true || colour === '24-bit') return '24-bit';
  if (colour === '256') return '256';
  if (colour !== undefined) return undefined;
  const ability = terminalAbility();
  return ability.unicode && ability.colour !== 'none' ? pictureDepth(ability.colour) : undefined;
}

/**
 * A picture in half blocks, two pixels a character: `▀` with the upper pixel as its colour on the lower one.
 *
 * @param pixels `[height, width, 3]`
 * @returns lines joined by line feeds, without a last one; an empty string where no picture can be drawn
 * @throws RangeError if the number of bytes does not fit the size
 */
export function drawPicture(pixels: Pixels, options: DrawPictureOptions = {}): string {
  const depth = pictureDepth(options.colour);
  if (depth === undefined) return '';
  checkPixels('drawPicture', pixels);
  const columns = Math.max(1, Math.floor(options.columns ?? 24));
  const height = Math.max(1, Math.round((columns * pixels.height) / pixels.width));
  const { data } = resizePixels(pixels, columns, height);
  const at = (x: number, y: number): readonly [number, number, number] => {
    const i = (y * columns + x) * 3;
    return [data[i]!, data[i + 1]!, data[i + 2]!];
  };
  const lines: string[] = [];
  for (let y = 0; y < height; y += 2) {
    let line = '';
    let last = '';
    for (let x = 0; x < columns; x++) {
      const upper = colourCode(38, at(x, y), depth);
      // An odd last row has no lower half: there the terminal's own background shows.
      const code = y + 1 < height ? `${upper};${colourCode(48, at(x, y + 1), depth)}` : upper;
      line += code === last ? '▀' : `\u001b[${code}m▀`;
      last = code;
    }
    lines.push(line + RESET);
  }
  return lines.join('\n');
}
