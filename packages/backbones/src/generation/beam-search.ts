import type { GeneratedSequence, Search, SearchSettings } from './search.js';
import { topCandidates } from './top-candidates.js';

interface Beam {
  readonly ids: number[];
  /** Sum of log-probabilities. */
  readonly sum: number;
  /** Which beam of the step before it continues. */
  readonly parent: number;
}

/**
 * Beam search for one prompt, with the bookkeeping of transformers 5.18 (`early_stopping=False`). Each step looks at the
 * best `(1 + end ids) * beams` continuations (at least twice the beams). One that ends becomes a hypothesis if it is
 * among the first `beams`; the best others go on. The search stops once it has `beams` hypotheses and the best running
 * beam, scored at its present length, is no better than the worst of them; at `maxNewTokens` the first `beams`
 * continuations become hypotheses as they are.
 */
export class BeamSearch implements Search {
  readonly #beams: number;
  readonly #settings: SearchSettings;
  readonly #candidates: number;
  #running: readonly Beam[] = [{ ids: [], sum: 0, parent: 0 }];
  #hypotheses: readonly GeneratedSequence[] = [];
  #length = 0;

  constructor(beams: number, settings: SearchSettings) {
    this.#beams = beams;
    this.#settings = settings;
    this.#candidates = Math.max(2, 1 + settings.endIds.size) * beams;
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

  get best(): GeneratedSequence {
    return this.#hypotheses[0] ?? { ids: [], score: Number.NEGATIVE_INFINITY };
  }

  advance(logProbabilities: Float32Array): void {
    const { endIds, maxNewTokens, lengthPenalty } = this.#settings;
    const vocabulary = logProbabilities.length / this.width;
    const sums = this.#running.map(({ sum }) => sum);
    const candidates = topCandidates(logProbabilities, sums, vocabulary, this.#candidates);
    const lengthNorm = (++this.#length) ** lengthPenalty;
    const atLimit = this.#length === maxNewTokens;
    const running: Beam[] = [];
    const hypotheses = [...this.#hypotheses];
    for (const [rank, { row, token, score: sum }] of candidates.entries()) {
      const ends = atLimit || endIds.has(token);
      if (ends ? rank >= this.#beams : running.length === this.#beams) continue;
      const ids = [...this.#running[row]!.ids, token];
      if (ends) hypotheses.push({ ids, score: sum / lengthNorm });
      else running.push({ ids, sum, parent: row });
    }
    hypotheses.sort((a, b) => b.score - a.score);
    this.#hypotheses = hypotheses.slice(0, this.#beams);
    const best = running[0];
    const worst = this.#hypotheses[this.#beams - 1];
    const canImprove = best && (!worst || best.sum / lengthNorm > worst.score);
    this.#running = canImprove ? running : [];
  }
}
