import { type NextScores, rowsOf } from './next-scores.js';
import type { GeneratedSequence, Search, SearchSettings } from './search.js';
import { topCandidates } from './top-candidates.js';

/**
 * When beam search stops, once it has as many finished sequences as beams: `true` at once; `false` when the best running
 * beam, scored at its present length, is no better than the worst of them; `'never'` when it could not get better at any
 * length (with a positive length penalty it is scored at the greatest one).
 */
export type EarlyStopping = boolean | 'never';

/** How many continuations a step looks at, of all beams together. */
export function beamCandidates(beams: number, endIds: ReadonlySet<number>): number {
  return Math.max(2, 1 + endIds.size) * beams;
}

interface Beam {
  readonly ids: number[];
  /** Sum of log-probabilities. */
  readonly sum: number;
  /** Which beam of the step before it continues. */
  readonly parent: number;
}

/**
 * Beam search for one prompt, with the bookkeeping of transformers 5.18. Each step looks at the best
 * `(1 + end ids) * beams` continuations (at least twice the beams). One that ends becomes a hypothesis if it is among the
 * first `beams`; the best others go on. At `maxNewTokens` the first `beams` continuations become hypotheses as they are.
 */
export class BeamSearch implements Search {
  readonly #beams: number;
  readonly #earlyStopping: EarlyStopping;
  readonly #settings: SearchSettings;
  readonly #prompt: readonly number[];
  readonly #candidates: number;
  #running: readonly Beam[] = [{ ids: [], sum: 0, parent: 0 }];
  #hypotheses: readonly GeneratedSequence[] = [];
  #length = 0;

  constructor(
    beams: number,
    settings: SearchSettings,
    prompt: readonly number[] = [],
    earlyStopping: EarlyStopping = false,
  ) {
    this.#beams = beams;
    this.#settings = settings;
    this.#prompt = prompt;
    this.#earlyStopping = earlyStopping;
    this.#candidates = beamCandidates(beams, settings.endIds);
  }

  get width(): number {
    return this.#running.length;
  }

  get parents(): number[] {
    return this.#running.map(({ parent }) => parent);
  }

  get tokens(): number[] {
    return this.#running.map(({ ids }) => ids.at(-1)!);
  }

  get results(): readonly GeneratedSequence[] {
    return this.#hypotheses;
  }

  advance(logProbabilities: NextScores): void {
    const { endIds, stops, maxNewTokens, lengthPenalty } = this.#settings;
    this.#process(logProbabilities);
    const sums = this.#running.map(({ sum }) => sum);
    const candidates = topCandidates(logProbabilities, sums, this.#candidates);
    const lengthNorm = (++this.#length) ** lengthPenalty;
    const atLimit = this.#length === maxNewTokens;
    const running: Beam[] = [];
    const hypotheses = [...this.#hypotheses];
    for (const [rank, { row, token, score: sum }] of candidates.entries()) {
      const ids = [...this.#running[row]!.ids, token];
      const ends = atLimit || endIds.has(token) || stops(ids);
      if (ends ? rank >= this.#beams : running.length === this.#beams) continue;
      if (ends) hypotheses.push({ ids, score: sum / lengthNorm });
      else running.push({ ids, sum, parent: row });
    }
    hypotheses.sort((a, b) => b.score - a.score);
    this.#hypotheses = hypotheses.slice(0, this.#beams);
    this.#running = this.#canImprove(running[0]) ? running : [];
  }

  /** Whether going on from the best running beam may change the hypotheses. */
  #canImprove(best: Beam | undefined): boolean {
    const worst = this.#hypotheses[this.#beams - 1];
    if (!best || !worst) return best !== undefined;
    if (this.#earlyStopping === true) return false;
    const { maxNewTokens, lengthPenalty } = this.#settings;
    const length = this.#earlyStopping === 'never' && lengthPenalty > 0 ? maxNewTokens : this.#length;
    return best.sum / length ** lengthPenalty > worst.score;
  }

  #process(logProbabilities: NextScores): void {
    const { processors } = this.#settings;
    if (processors.length === 0) return;
    for (const [row, { ids }] of this.#running.entries()) {
      const scores = rowsOf(logProbabilities, row, row + 1).values;
      const text = [...this.#prompt, ...ids];
      for (const process of processors) process(scores, text, ids.length);
    }
  }
}
