/** Below the least score of the vocabulary, for a character that no piece covers. */
const unknownPenalty = 10;

interface Step {
  readonly start: number;
  readonly id: number;
  readonly score: number;
}

/** The most probable cut of a word into pieces (Kudo 2018), by Viterbi; of equal scores the longer last piece. */
export class UnigramModel {
  readonly #ids = new Map<string, number>();
  readonly #scores: readonly number[];
  readonly #unknownId: number | null;
  readonly #unknownScore: number;
  readonly #byteIds: readonly number[] | null;
  /** The lengths that pieces have, in UTF-16 units, ascending. */
  readonly #lengths: readonly number[];

  /**
   * @param vocabulary pieces with their log-probabilities; a piece's place is its id.
   * @param byteFallback an unknown character becomes the pieces `<0x00>` ... of its bytes, if they all exist.
   */
  constructor(
    vocabulary: readonly (readonly [string, number])[],
    unknownId: number | null,
    byteFallback: boolean,
  ) {
    this.#scores = vocabulary.map(([, score]) => score);
    this.#unknownId = unknownId;
    this.#unknownScore =
      this.#scores.reduce((least, score) => Math.min(least, score), Infinity) - unknownPenalty;
    for (const [id, [piece]] of vocabulary.entries()) this.#ids.set(piece, id);
    this.#lengths = [...new Set(vocabulary.map(([piece]) => piece.length))].sort(
      (left, right) => left - right,
    );
    const byteIds = Array.from({ length: 256 }, (_, byte) => this.#ids.get(byteToken(byte)));
    this.#byteIds = byteFallback && byteIds.every((id) => id !== undefined) ? byteIds : null;
  }

  get vocabulary(): ReadonlyMap<string, number> {
    return this.#ids;
  }

  /** @throws {Error} if a character is unknown and there is no unknown token. */
  encode(word: string): number[] {
    const steps = this.#steps(word);
    const ids: number[] = [];
    let unknownEnd = -1;
    const flush = (start: number): void => {
      // What is unknown side by side is one token.
      if (unknownEnd >= 0) ids.push(...this.#unknown(word.slice(start, unknownEnd)).reverse());
      unknownEnd = -1;
    };
    let end = word.length;
    while (end > 0) {
      const { id, start } = steps[end]!;
      if (id === (this.#unknownId ?? -1)) {
        if (unknownEnd < 0) unknownEnd = end;
      } else {
        flush(end);
        ids.push(id);
      }
      end = start;
    }
    flush(0);
    return ids.reverse();
  }

  /** For each end of a piece the best way to it. */
  #steps(word: string): readonly (Step | undefined)[] {
    const best: (Step | undefined)[] = new Array(word.length + 1);
    best[0] = { start: 0, id: -1, score: 0 };
    const offer = (end: number, step: Step): void => {
      const known = best[end];
      if (!known || step.score > known.score) best[end] = step;
    };
    for (let start = 0; start < word.length; ) {
      const length = word.codePointAt(start)! > 0xffff ? 2 : 1;
      const before = best[start]!.score;
      let isCovered = false;
      for (const pieceLength of this.#lengths) {
        const end = start + pieceLength;
        if (end > word.length) break;
        const id = this.#ids.get(word.slice(start, end));
        if (id === undefined || pieceLength === 0) continue;
        offer(end, { start, id, score: before + this.#scores[id]! });
        if (pieceLength === length) isCovered = true;
      }
      if (!isCovered) {
        const id = this.#unknownId ?? -1;
        offer(start + length, { start, id, score: before + this.#unknownScore });
      }
      start += length;
    }
    return best;
  }

  #unknown(text: string): number[] {
    const known = this.#ids.get(text);
    if (known !== undefined) return [known];
    if (this.#byteIds) return Array.from(new TextEncoder().encode(text), (byte) => this.#byteIds![byte]!);
    if (this.#unknownId !== null) return [this.#unknownId];
    throw new Error(`has no id for ${JSON.stringify(text)} and no unknown token`);
  }
}

/** The piece of a byte: `<0x0A>`. */
export function byteToken(byte: number): string {
  return `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`;
}
