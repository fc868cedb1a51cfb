import type { Pixels } from '@ocelli/datasets';
import { pad } from './display-width.js';
import { type DrawPictureOptions, drawPicture, pictureDepth } from './draw-picture.js';
import { terminalAbility } from './terminal-ability.js';
import { wrapText } from './wrap-text.js';

/** How a row of pictures is drawn. */
export interface DrawRowOptions extends DrawPictureOptions {
  /** Spaces between pictures, default 2. */
  readonly gap?: number;
  /** Width of the whole in characters, default the terminal's; pictures that do not fit go on below. */
  readonly width?: number;
}

/**
 * Pictures side by side, each with its caption wrapped below it.
 *
 * @param pictures `[height, width, 3]` each
 * @param captions one a picture, or fewer; they may hold colours and line feeds
 * @returns lines joined by line feeds, without a last one; an empty string where no picture can be drawn
 * @throws RangeError if a picture's number of bytes does not fit its size
 */
export function drawRow(
  pictures: readonly Pixels[],
  captions: readonly string[] = [],
  options: DrawRowOptions = {},
): string {
  const depth = pictureDepth(options.colour);
  if (depth === undefined || pictures.length === 0) return '';
  const gap = options.gap ?? 2;
  const width = options.width ?? terminalAbility().columns;
  const columns = Math.max(2, Math.min(Math.floor(options.columns ?? 24), width));
  const perRow = Math.max(1, Math.floor((width + gap) / (columns + gap)));
  const blank = ' '.repeat(columns);
  const rows: string[] = [];
  for (let from = 0; from < pictures.length; from += perRow) {
    const drawn = pictures
      .slice(from, from + perRow)
      .map((picture) => drawPicture(picture, { columns, colour: depth }).split('\n'));
    const texts = drawn.map((_, i) => wrapText(captions[from + i] ?? '', columns));
    const lines = [drawn, texts].flatMap((cells) => {
      const height = Math.max(...cells.map((cell) => cell.length));
      return Array.from({ length: height }, (_, y) =>
        cells
          .map((cell) => (cell[y] === undefined ? blank : pad(cell[y], columns)))
          .join(' '.repeat(gap))
          .trimEnd(),
      );
    });
    rows.push(lines.join('\n').trimEnd());
  }
  return rows.join('\n\n');
}
