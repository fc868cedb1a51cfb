import type { Summary } from './statistics.js';

/** What one call of a kernel has to do, so that its time can be set against what the machine can do. */
export interface Work {
  /** Floating-point operations. */
  readonly operations?: number;
  /** Bytes that must be moved at least, and how: only read, or read and written. */
  readonly bytes?: number;
  readonly traffic?: 'read' | 'copy';
}

/** One contender of a case: seconds of one call, and what follows from them. */
export interface Result {
  readonly contender: string;
  /** Seconds of one call. */
  readonly seconds: Summary;
  /** Operations (or bytes) per second. */
  readonly rate?: Summary;
  /** Rate over the peak measured just before and just after the sample. */
  readonly share?: Summary;
  /** How often this contender's samples took this case's first contender's time, round by round: above 1, ours is faster. */
  readonly timesOurs?: Summary;
  /** Other things measured: bytes of memory, losses, ... */
  readonly extra?: Readonly<Record<string, number>>;
}

/** What was measured of one case. The first result is ours. */
export interface Row {
  readonly suite: string;
  readonly family: string;
  /** Unique within the family, as `64 x 768 -> 3072`. */
  readonly label: string;
  readonly threads: number;
  /** What `rate` and `share` count: `FLOP/s` against the multiply-add peak, `B/s` against reading or copying. */
  readonly unit?: 'FLOP/s' | 'B/s';
  readonly samples: number;
  readonly results: readonly Result[];
  /** Others loaded the cores meanwhile (only with `--busy`). */
  readonly busy?: true;
}

/** The result of one contender of a row. */
export function resultOf(row: Row, contender: string): Result | undefined {
  return row.results.find((result) => result.contender === contender);
}
