import type { PeakMeter } from '@ocelli/ops';
import type { PeerCase, PeerProcess } from '../peers/peer-process.js';
import type { BarMeasurer } from './bars.js';
import type { Case, Contender } from './case.js';
import type { Row } from './row.js';

/** What a suite measures with. */
export interface Bench {
  /** Numbers of threads to measure with. */
  readonly threads: readonly number[];
  /** The interpreter of `--python`, for suites that start a PyTorch process of their own; undefined if there is none. */
  readonly python: string | undefined;
  readonly meter: PeakMeter;
  /** Only what the bars need (`--check`). */
  readonly barsOnly: boolean;
  /** More shapes (`--full`). */
  readonly full: boolean;
  /** Only where the time goes, by kernel (`--profile`); for suites that can tell. */
  readonly profile: boolean;
  /** False for what the filter leaves out; ask before preparing anything that takes long. */
  wants(family: string, label: string): boolean;
  /** Measures a case, prints it and keeps its row; measures again (twice at most) if others loaded the cores meanwhile. */
  measure(test: Case): Promise<void>;
  /** Keeps a row that was measured some other way. */
  add(row: Omit<Row, 'suite' | 'busy'>): Promise<void>;
  /** The contenders of all peers that can do a case. */
  peers(test: PeerCase): Promise<Contender[]>;
  /** Starts a peer that only one suite needs: its processor time counts as ours, and it ends with the run. Null (with a printed line) if it cannot start. */
  start(what: string, open: () => Promise<PeerProcess>): Promise<PeerProcess | null>;
  /** Prints a line above the progress. */
  note(text: string): void;
}

/** One part of `npm run bench`. */
export interface Suite {
  readonly name: string;
  /** One line for --help. */
  readonly about: string;
  run(bench: Bench): Promise<void>;
  /** How the bars of bars.json that belong to this suite follow from its rows, by id. */
  readonly bars: Readonly<Record<string, BarMeasurer>>;
}
