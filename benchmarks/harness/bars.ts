import { type Row, resultOf } from './row.js';

/** A row of bars.json: what must be reached. */
export interface Bar {
  readonly id: string;
  readonly what: string;
  /** How the number is computed. */
  readonly how: string;
  readonly atLeast?: number;
  readonly atMost?: number;
  /** `%` (of a fraction), `x` (a ratio) or `` (a count). */
  readonly unit: '%' | 'x' | '';
}

/** What was measured for a bar, and where it was lowest; or why it was not. */
export type BarValue =
  | {
      readonly value: number;
      readonly note: string;
      /** Of a ratio: what it would be if ours ran at the whole peak that was measured beside it. */
      readonly ceiling?: number;
    }
  | { readonly missing: string };

/** Takes the rows of its suite. */
export type BarMeasurer = (rows: readonly Row[]) => BarValue;

export type Verdict = Bar & {
  readonly measured: number | null;
  readonly note: string;
  readonly reached: boolean;
  readonly ceiling?: number;
};

/** Bars beside what was measured. A bar that was not measured is not reached. */
export function judge(
  bars: readonly Bar[],
  measurers: Readonly<Record<string, BarMeasurer>>,
  rows: readonly Row[],
): Verdict[] {
  const unknown = Object.keys(measurers).filter((id) => !bars.some((bar) => bar.id === id));
  if (unknown.length > 0) throw new Error(`[bars] measured but not in bars.json: ${unknown.join(', ')}`);
  return bars.map((bar) => {
    const measured = measurers[bar.id]?.(rows) ?? { missing: 'its suite did not run' };
    if ('missing' in measured) return { ...bar, measured: null, note: measured.missing, reached: false };
    const { value, note, ceiling } = measured;
    const reached =
      value >= (bar.atLeast ?? Number.NEGATIVE_INFINITY) && value <= (bar.atMost ?? Number.POSITIVE_INFINITY);
    return { ...bar, measured: value, note, reached, ...(ceiling === undefined ? {} : { ceiling }) };
  });
}

/** A bar's number with its unit. */
export function formatBarNumber(value: number, unit: Bar['unit']): string {
  if (unit === '%') return `${(100 * value).toFixed(1)} %`;
  return unit === 'x' ? `${value.toFixed(2)}x` : String(value);
}

/** The limit of a bar, in words. */
export function formatLimit({ atLeast, atMost, unit }: Bar): string {
  return atLeast === undefined
    ? `at most ${formatBarNumber(atMost!, unit)}`
    : `at least ${formatBarNumber(atLeast, unit)}`;
}

/** A verdict for the terminal: bar, measured, verdict, and where or why. */
export function formatVerdict(verdict: Verdict): string {
  const { id, what, unit, measured, note, reached, ceiling } = verdict;
  const found = measured === null ? 'not measured' : formatBarNumber(measured, unit);
  const most = ceiling === undefined ? '' : ` | ${formatBarNumber(ceiling, unit)} at the whole peak`;
  return (
    `${reached ? '✓' : '✗'} ${what} (${id})\n` +
    `    ${formatLimit(verdict)} | ${found} | ${reached ? 'reached' : 'short'} | ${note}${most}`
  );
}

/** A row's number for a bar, and of a ratio its ceiling. */
export interface RowValue {
  readonly value: number;
  readonly ceiling?: number;
}

/** The lowest of a number over rows, and the row. Rows that lack it make the bar missing. */
export function lowest(
  rows: readonly Row[],
  number: (row: Row) => RowValue | undefined,
  lacking: string,
): BarValue {
  let least: (RowValue & { readonly where: string }) | undefined;
  for (const row of rows) {
    const where = `${row.label}, ${row.threads} thread${row.threads === 1 ? '' : 's'}`;
    const found = number(row);
    if (found === undefined) return { missing: `${lacking} (${where})` };
    if (!least || found.value < least.value) least = { ...found, where };
  }
  if (!least) return { missing: 'no such row was measured' };
  const { where, ...found } = least;
  return { ...found, note: `lowest of ${rows.length}: ${where}` };
}

/** The median share of the peak that ours reaches. */
export function shareOfPeak(row: Row): RowValue | undefined {
  const share = row.results[0]?.share;
  return share && { value: share.median };
}

/** How many times as long as ours the best of some contenders takes: their median over ours, round by round. */
export function timesFaster(...contenders: string[]): (row: Row) => RowValue | undefined {
  return (row) => {
    const found = contenders
      .map((name) => resultOf(row, name)?.timesOurs?.median)
      .filter((value) => value !== undefined);
    if (found.length === 0) return undefined;
    const value = Math.min(...found);
    const share = row.results[0]?.share?.median;
    // A share above 1 is the noise of its peak: ours is at the whole peak then.
    return { value, ...(share === undefined ? {} : { ceiling: value / Math.min(1, share) }) };
  };
}
