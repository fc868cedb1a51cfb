import { logSumExp } from './log-sum-exp.js';
import { allScores, type NextScores, rowsOf } from './next-scores.js';
import type { ScoreProcessor } from './score-processors.js';
import type { GeneratedSequence, Search, SearchSettings } from './search.js';
import { noToken, topCandidates } from './top-candidates.js';

/**
 * Chooses the next token of a sequence by its scores: the place of one of them.
 *
 * @param sequence which one of the prompt's.
 * @param step new tokens that it has.
 */
export type Choose = (scores: Float32Array, sequence: number, step: number) => number;

/** Greedy: always the likeliest token, the smallest id among equals. */
export const likeliest: Choose = (scores) =>
  topCandidates(allScores(scores, scores.length), [0], 1)[0]!.token;

interface Running {
  readonly sequence: number;
  /** Its row in the step before. */
  readonly parent: number;
}

/** Decoding of one prompt token by token: one sequence, or several that go their ways from the first token on. */
export class TokenSearch implements Search {
  readonly #settings: SearchSettings;
  readonly #choose: Choose;
  readonly #prompt: readonly number[];
  readonly #ids: number[][];
  readonly #sums: number[];
  /** Row i continues `running[i]`; before the first step all of them share the prompt's row. */
  #running: readonly Running[];

  constructor(settings: SearchSettings, prompt: readonly number[], sequences = 1, choose = likeliest) {
    this.#settings = settings;
    this.#choose = choose;
    this.#prompt = prompt;
    this.#ids = Array.from({ length: sequences }, () => []);
    this.#sums = new Array<number>(sequences).fill(0);
    this.#running = this.#ids.map((_, sequence) => ({ sequence, parent: 0 }));
  }

  get width(): number {
    return this.#ids[0]!.length === 0 ? 1 : this.#running.length;
  }

  get parents(): number[] {
    return this.#running.map(({ parent }) => parent);
  }

  get tokens(): number[] {
    return this.#running.map(({ sequence }) => this.#ids[sequence]!.at(-1)!);
  }

  get results(): GeneratedSequence[] {
    const { lengthPenalty } = this.#settings;
    return this.#ids.map((ids, sequence) => ({
      ids: [...ids],
      score: this.#sums[sequence]! / ids.length ** lengthPenalty,
    }));
  }

  advance(scores: NextScores): void {
    const { normalized, processors, maxNewTokens, endIds, stops } = this.#settings;
    const isFirst = this.#ids[0]!.length === 0;
    this.#running = this.#running
      .map(({ sequence }, place): Running => {
        const row = isFirst ? 0 : place;
        const { values: own, ids: tokens } = rowsOf(scores, row, row + 1);
        const ids = this.#ids[sequence]!;
        const chosen = this.#choose(this.#processed(own, ids, processors), sequence, ids.length);
        if (chosen < 0) throw noToken();
        this.#sums[sequence]! += own[chosen]! - (normalized ? 0 : logSumExp(own));
        ids.push(tokens ? tokens[chosen]! : chosen);
        return { sequence, parent: row };
      })
      .filter(({ sequence }) => {
        const ids = this.#ids[sequence]!;
        return !(endIds.has(ids.at(-1)!) || ids.length === maxNewTokens || stops(ids));
      });
  }

  /** A row's scores after the processors; the row itself stays, for its sequence's score. */
  #processed(row: Float32Array, ids: readonly number[], processors: readonly ScoreProcessor[]): Float32Array {
    if (processors.length === 0) return row;
    const processed = row.slice();
    const text = [...this.#prompt, ...ids];
    for (const process of processors) process(processed, text, ids.length);
    return processed;
  }
}
