import type { GeneratedSequence, Search, SearchSettings } from './search.js';
import { topCandidates } from './top-candidates.js';

/** Greedy decoding of one prompt: always the likeliest token, the smallest id among equals. */
export class GreedySearch implements Search {
  readonly parents = [0];
  readonly #settings: SearchSettings;
  readonly #ids: number[] = [];
  #sum = 0;
  #isDone = false;

  constructor(settings: SearchSettings) {
    this.#settings = settings;
  }

  get width(): number {
    return this.#isDone ? 0 : 1;
  }

  get tokens(): number[] {
    return this.#ids.slice(-1);
  }

  get best(): GeneratedSequence {
    return { ids: [...this.#ids], score: this.#sum / this.#ids.length ** this.#settings.lengthPenalty };
  }

  advance(logProbabilities: Float32Array): void {
    const [{ token, score }] = topCandidates(logProbabilities, [this.#sum], logProbabilities.length, 1);
    this.#ids.push(token);
    this.#sum = score;
    this.#isDone = this.#settings.endIds.has(token) || this.#ids.length === this.#settings.maxNewTokens;
  }
}
