import { PeakMeter } from '@ocelli/ops';
import type { PeerCase, PeerProcess } from '../peers/peer-process.js';
import { allowedLoad, BusyWatch } from './busy-watch.js';
import type { Case, Contender } from './case.js';
import { formatRow } from './format-row.js';
import { lastCacheBytes } from './machine.js';
import { measureCase, roofOf } from './measure-case.js';
import type { Row } from './row.js';
import type { Bench } from './suite.js';

export interface RunnerOptions {
  readonly threads: readonly number[];
  readonly filters: readonly string[];
  readonly python: string | undefined;
  readonly barsOnly: boolean;
  readonly full: boolean;
  readonly profile: boolean;
  /** Go on although others load the cores. */
  readonly busy: boolean;
  readonly print: (line: string) => void;
  /** Shows what is going on just now; null when nothing is. */
  readonly progress: (text: string | null) => void;
}

/** Processor time is counted in hundredths of a second, for each of our processes: a short lap is known only roughly. */
const lapError = 0.06;
const attempts = 3;

/** Measures for suites, keeps what they found, and refuses where others load the cores. */
export class Runner implements Bench {
  readonly threads: readonly number[];
  readonly python: string | undefined;
  readonly barsOnly: boolean;
  readonly full: boolean;
  readonly profile: boolean;
  readonly meter = new PeakMeter({ bufferBytes: Math.max(256 * 2 ** 20, 4 * (lastCacheBytes() ?? 0)) });
  readonly watch = new BusyWatch();
  readonly rows: Row[] = [];
  /** Others loaded the cores during some row (only with `busy`). */
  wasBusy = false;
  readonly #options: RunnerOptions;
  readonly #peers: PeerProcess[] = [];
  #common: PeerProcess[] = [];
  #suite = '';

  constructor(options: RunnerOptions) {
    this.#options = options;
    this.threads = options.threads;
    this.python = options.python;
    this.barsOnly = options.barsOnly;
    this.full = options.full;
    this.profile = options.profile;
  }

  /** Starts a peer that every case may ask; a line says why if it cannot. */
  async addPeer(what: string, open: () => Promise<PeerProcess>): Promise<void> {
    const peer = await this.start(what, open);
    if (peer) this.#common.push(peer);
  }

  async start(what: string, open: () => Promise<PeerProcess>): Promise<PeerProcess | null> {
    this.#options.progress(`starting ${what}`);
    try {
      const peer = await open();
      this.#peers.push(peer);
      this.watch.add(peer.processId);
      this.note(`peer: ${peer.name} ${peer.version}`);
      return peer;
    } catch (error) {
      this.note(`no ${what}: ${(error as Error).message}`);
      return null;
    }
  }

  versions(): Record<string, string> {
    return Object.fromEntries(this.#peers.map(({ name, version }) => [name, version]));
  }

  begin(suite: string): void {
    this.#suite = suite;
  }

  wants(family: string, label: string): boolean {
    const text = `${family} ${label}`.toLowerCase();
    const { filters } = this.#options;
    return filters.length === 0 || filters.some((filter) => text.includes(filter.toLowerCase()));
  }

  async peers(test: PeerCase): Promise<Contender[]> {
    const found: Contender[] = [];
    for (const peer of this.#common) {
      try {
        found.push(...(await peer.contenders(test)));
      } catch (error) {
        this.note(`left out: ${(error as Error).message}`);
      }
    }
    return found;
  }

  async measure(test: Case): Promise<void> {
    if (!this.wants(test.family, test.label)) return;
    this.#options.progress(`${test.family} ${test.label}, ${test.threads} thread(s)`);
    for (let attempt = 1; ; attempt++) {
      this.watch.lap();
      const start = performance.now();
      const row = await measureCase(this.#suite, test, roofOf(this.meter, test));
      const load = this.watch.lap() - lapError / ((performance.now() - start) / 1000);
      if (load <= allowedLoad || this.#options.busy) return this.#keep(row, load > allowedLoad);
      if (attempt === attempts)
        throw new BusyError(`while ${test.family} ${test.label} was measured`, load, this.watch.most);
      const rest = await this.watch.look(2);
      if (rest > allowedLoad)
        throw new BusyError(`after ${test.family} ${test.label}`, rest, this.watch.most);
    }
  }

  async add(row: Omit<Row, 'suite' | 'busy'>): Promise<void> {
    const load = this.watch.lap();
    if (load > allowedLoad && !this.#options.busy)
      throw new BusyError(`while ${row.label} was measured`, load, this.watch.most);
    this.#keep({ ...row, suite: this.#suite }, load > allowedLoad);
  }

  #keep(row: Row, busy: boolean): void {
    this.wasBusy ||= busy;
    const kept = busy ? { ...row, busy: true as const } : row;
    this.rows.push(kept);
    this.note(formatRow(kept));
  }

  note(text: string): void {
    this.#options.progress(null);
    this.#options.print(text);
  }

  async stop(): Promise<void> {
    this.#options.progress(null);
    for (const peer of this.#peers) await peer.stop();
    this.meter.dispose();
  }
}

/** Others load the cores: no number would mean anything. */
export class BusyError extends Error {
  constructor(when: string, load: number, most: string) {
    super(
      `[bench] other processes used ${Math.round(100 * load)} % of a core ${when} (most: ${most}), ` +
        `${100 * allowedLoad} % are allowed; stop them or wait, or measure all the same with --busy, which marks the result`,
    );
  }
}
