import {
  concat,
  gatherRows,
  hostValue,
  keep,
  slice,
  type Tensor,
  tensor,
  writeRows,
  zeros,
} from '@ocelli/ops';

/** Rows by which memory grows. */
const block = 64;

/**
 * Rows `[batch, tokens, ...]` to which more are added at the end, without their gradients. Steps of one row fill memory that has
 * room for some more, so that they copy their own row only; what has no row yet is zero.
 */
export class GrowingRows {
  /**
   * All rows so far, and room for more behind them: `[batch, tokens or more, ...]`. Freed by the next `append`, `select` or
   * `dispose`, unless there was room.
   */
  rows: Tensor;
  #tokens: number;

  constructor(first: Tensor) {
    this.rows = keep(first.detach());
    this.#tokens = first.shape[1]!;
  }

  get tokens(): number {
    return this.#tokens;
  }

  /** Whether the next row needs no new memory. */
  get hasRoom(): boolean {
    return this.rows.shape[1]! > this.#tokens;
  }

  /** Adds rows `[batch, added, ...]`. `rows` has no room behind them then, so causal attention of all of them is right. */
  append(added: Tensor): void {
    using old = this.hasRoom ? slice(this.rows, 1, 0, this.#tokens) : this.rows.detach();
    this.#replace(concat([old, added], 1));
    this.#tokens += added.shape[1]!;
  }

  /**
   * Adds one row, in place where there is room.
   *
   * @param added `[batch, 1, ...]`.
   * @param place `tokens` as int32 `[1]`; of `hostTensor`, so that the step can be replayed.
   */
  appendOne(added: Tensor, place: Tensor): void {
    if (!this.hasRoom) {
      const [batch, tokens, ...rest] = this.rows.shape;
      const capacity = block * Math.ceil((tokens! + 1) / block);
      const larger = zeros([batch!, capacity, ...rest], this.rows.dtype);
      using begin = tensor(Int32Array.of(0));
      writeRows(larger, this.rows, begin);
      this.#replace(larger);
    }
    writeRows(this.rows, added, place);
    hostValue(() => this.#tokens++);
  }

  /** Keeps sequences `ids` in this order; one may repeat. int32 `[newBatch]`. */
  select(ids: Tensor): void {
    this.#replace(gatherRows(this.rows, ids));
  }

  /** Rows of their own with sequences `ids` of these. */
  copy(ids: Tensor): GrowingRows {
    using rows = gatherRows(this.rows, ids);
    const copy = new GrowingRows(rows);
    copy.#tokens = this.#tokens;
    return copy;
  }

  dispose(): void {
    this.rows.dispose();
  }

  #replace(rows: Tensor): void {
    this.rows.dispose();
    this.rows = keep(rows);
  }
}
