import { allScores } from './next-scores.js';
import { topCandidates } from './top-candidates.js';

interface Hypothesis {
  readonly ids: readonly number[];
  readonly score: number;
}

/**
 * The beams of one prompt with the bookkeeping of transformers 4.24 (`BeamSearchScorer`, length penalty 1,
 * `early_stopping=False`), which the released eP-ALM decodes with. Lengths count the whole row: prompt and padding too.
 */
export class ReferenceBeams {
  readonly #beams: number;
  readonly #endId: number;
  readonly #padId: number;
  #sums: number[];
  #hypotheses: Hypothesis[] = [];
  #isDone = false;
  /** New tokens of each beam: `[beams]`. */
  rows: (readonly number[])[];

  constructor(beams: number, endId: number, padId: number) {
    this.#beams = beams;
    this.#endId = endId;
    this.#padId = padId;
    // The beams are equal at first; only the first of them may be continued.
    this.#sums = Array.from({ length: beams }, (_, beam) => (beam === 0 ? 0 : -1e9));
    this.rows = Array.from({ length: beams }, () => []);
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  /**
   * @param logProbabilities of each beam's next token, `[beams, vocabulary]`.
   * @param length tokens of the rows before it.
   */
  advance(logProbabilities: Float32Array, length: number): void {
    if (this.#isDone) {
      this.rows = this.rows.map((ids) => [...ids, this.#padId]);
      return;
    }
    const vocabulary = logProbabilities.length / this.#beams;
    const candidates = topCandidates(allScores(logProbabilities, vocabulary), this.#sums, 2 * this.#beams);
    const rows: number[][] = [];
    const sums: number[] = [];
    for (const [rank, { row, token, score }] of candidates.entries()) {
      if (rows.length === this.#beams) break;
      if (token !== this.#endId) {
        rows.push([...this.rows[row]!, token]);
        sums.push(score);
      } else if (rank < this.#beams) {
        this.#add(this.rows[row]!, score / length);
      }
    }
    this.rows = rows;
    this.#sums = sums;
    // The released code compares with the best candidate, whether or not it ends.
    const isFull = this.#hypotheses.length === this.#beams;
    this.#isDone = isFull && this.#worst >= candidates[0]!.score / length;
  }

  /** The best of all, running beams included: new tokens, without the end. */
  best(length: number): Hypothesis {
    if (!this.#isDone)
      for (const [beam, ids] of this.rows.entries()) this.#add(ids, this.#sums[beam]! / length);
    // Of equals the last.
    return this.#hypotheses.reduce((best, other) => (other.score >= best.score ? other : best));
  }

  get #worst(): number {
    return Math.min(...this.#hypotheses.map(({ score }) => score));
  }

  #add(ids: readonly number[], score: number): void {
    const isFull = this.#hypotheses.length === this.#beams;
    if (isFull && score <= this.#worst) return;
    if (isFull) {
      const worst = this.#hypotheses.findIndex((one) => one.score === this.#worst);
      this.#hypotheses.splice(worst, 1);
    }
    this.#hypotheses.push({ ids, score });
  }
}
