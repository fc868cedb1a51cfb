import type { Work } from './row.js';

/** One who does the work of a case: ours, or a peer. */
export interface Contender {
  /** `ocelli`, `torch`, ... with what matters about it, as `torch bfloat16`. */
  readonly name: string;
  /** True if it does something else than the case says, for comparison: it gets no rate and no share. */
  readonly otherWork?: boolean;
  /** Does the work `repeats` times and gives the seconds that took in all. */
  run(repeats: number): Promise<number>;
  /** Frees what it holds. */
  release(): Promise<void>;
}

/** The same work for everybody who can do it. Contenders are made when its turn comes and released after it. */
export interface Case extends Work {
  readonly family: string;
  readonly label: string;
  readonly threads: number;
  /** Most samples of each contender; fewer (three at least) where `seconds` are not enough. Default 9. */
  readonly samples?: number;
  /** Seconds that the case may take, about; a contender whose single call takes longer is sampled once. Default 1.2. */
  readonly seconds?: number;
  /** Other numbers that follow from the seconds of one call, for each contender. */
  readonly extra?: (seconds: number) => Readonly<Record<string, number>>;
  /** Ours first. */
  contenders(): Promise<Contender[]>;
}
