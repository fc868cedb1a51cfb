import { displayWidth, pad } from './display-width.js';

/** A column of {@link formatTable}. */
export interface TableColumn<Row> {
  readonly label: string;
  /** The cell of a row, or the name of the property that holds it. */
  readonly value: (keyof Row & string) | ((row: Row) => string | number | undefined);
  /** Default: `right` if every cell that is there is a number, else `left`. */
  readonly align?: 'left' | 'right';
  /** Digits after the point of numbers; default: as JavaScript writes them. */
  readonly digits?: number;
}

/** Looks of a table. */
export interface TableOptions {
  /** Applied to each head after it was aligned, e.g. `colours.bold`. */
  readonly head?: (text: string) => string;
  /** Applied to each line of a row, e.g. to dim some rows. */
  readonly line?: (text: string, index: number) => string;
  /** Default true: `─` under the heads; false: `-`. */
  readonly unicode?: boolean;
  /** What stands for an absent or not finite value, default `–` (`-` without unicode). */
  readonly absent?: string;
}

function cellOf<Row>(row: Row, { value }: TableColumn<Row>): unknown {
  return typeof value === 'function' ? value(row) : row[value];
}

/**
 * A table in columns of equal width, heads on top with a rule below. Text is aligned left and numbers right; widths
 * are counted as a terminal shows them, so emoji, CJK and coloured cells line up.
 *
 * @returns lines joined by line feeds, without a last one and without spaces at the ends of lines
 */
export function formatTable<Row>(
  rows: readonly Row[],
  columns: readonly TableColumn<Row>[],
  options: TableOptions = {},
): string {
  const { unicode = true, absent = unicode ? '–' : '-' } = options;
  const laidOut = columns.map((column) => {
    const values = rows.map((row) => cellOf(row, column));
    const known = values.filter((value) => value !== undefined && value !== null && value !== '');
    const isNumeric = known.length > 0 && known.every((value) => typeof value === 'number');
    const cells = values.map((value) => {
      if (value === undefined || value === null || (typeof value === 'number' && !Number.isFinite(value))) {
        return absent;
      }
      return typeof value === 'number' && column.digits !== undefined
        ? value.toFixed(column.digits)
        : String(value);
    });
    const width = Math.max(displayWidth(column.label), ...cells.map(displayWidth));
    const side = (column.align ?? (isNumeric ? 'right' : 'left')) === 'right' ? 'start' : 'end';
    return { label: column.label, cells, width, side } as const;
  });
  const head = laidOut.map(({ label, width, side }) => {
    const padded = pad(label, width, side);
    return options.head === undefined ? padded : options.head(padded);
  });
  const rule = laidOut.map(({ width }) => (unicode ? '─' : '-').repeat(width));
  const lines = rows.map((_, i) => {
    const line = laidOut
      .map(({ cells, width, side }) => pad(cells[i]!, width, side))
      .join('  ')
      .trimEnd();
    return options.line === undefined ? line : options.line(line, i);
  });
  return [head.join('  ').trimEnd(), rule.join('  '), ...lines].join('\n');
}
