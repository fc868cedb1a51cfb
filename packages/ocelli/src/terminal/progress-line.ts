import { type Colours, createColours } from './colours.js';
import { displayWidth, truncate } from './display-width.js';
import { formatClock, formatRate } from './format-clock.js';

/** Where a task stands. */
export interface ProgressState {
  readonly label: string;
  readonly done: number;
  readonly total: number;
  /** Since the start. */
  readonly seconds: number;
  readonly perSecond: number | undefined;
  readonly note: string;
  /** Over, whether complete or not. */
  readonly isFinished: boolean;
}

/** Whole percent, rounded down so that 100 means all. */
export function percentOf({ done, total }: Pick<ProgressState, 'done' | 'total'>): number {
  return Math.floor((100 * done) / total + 1e-9);
}

function time({ done, total, seconds, perSecond, isFinished }: ProgressState): string {
  if (isFinished) return `in ${formatClock(seconds)}`;
  return perSecond === undefined ? '' : `${formatClock((total - done) / perSecond)} left`;
}

function join(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('  ');
}

/** `Training: 25 % (250/1000), 52.1/s, 0:14 left, loss 1.20` for a log file. */
export function plainProgressLine(state: ProgressState): string {
  const rate = state.perSecond === undefined ? '' : formatRate(state.perSecond);
  const counts = `${percentOf(state)} % (${state.done}/${state.total})`;
  return `${state.label}: ${[counts, rate, time(state), state.note].filter((part) => part !== '').join(', ')}`;
}

function bar(share: number, width: number, unicode: boolean, colours: Colours): string {
  const filled = Math.round(share * width);
  const [full, empty] = unicode ? ['━', '─'] : ['#', '.'];
  return colours.cyan(full!.repeat(filled)) + colours.dim(empty!.repeat(width - filled));
}

/**
 * One line with a bar that never reaches the last column, so that no terminal wraps it: where it is narrow, first the
 * bar shrinks, then note, rate and bar go.
 */
export function progressLine(
  state: ProgressState,
  columns: number,
  unicode: boolean,
  colours: Colours = createColours(false),
): string {
  const width = Math.max(1, columns - 1);
  const counts = `${String(state.done).padStart(String(state.total).length)}/${state.total}`;
  const percent = `${String(percentOf(state)).padStart(3)} %`;
  const rate = state.perSecond === undefined ? '' : formatRate(state.perSecond);
  const clock = time(state);
  const note = truncate(state.note, 40, unicode ? '…' : '...');
  const tails = [
    [percent, counts, rate, clock, note],
    [percent, counts, rate, clock],
    [percent, counts, clock],
    [percent, clock],
    [percent],
  ];
  for (const tail of tails) {
    const text = join(tail);
    const room = width - displayWidth(state.label) - displayWidth(text) - 4;
    if (room >= 8) {
      const drawn = bar(Math.min(1, state.done / state.total), Math.min(room, 28), unicode, colours);
      return `${colours.bold(state.label)}  ${drawn}  ${text}`;
    }
  }
  return truncate(join([state.label, percent]), width, '');
}
