import {
  concat,
  copyInto,
  empty,
  gatherRows,
  isCapturing,
  keep,
  OcelliError,
  type Tensor,
} from '@ocelli/ops';

/**
 * Rows `[batch, tokens, ...]` to which more are added at the end, without their gradients. One sequence grows in place, in
 * memory that doubles when it is full, so that a step copies its own rows only; several, which have to lie end to end,
 * are copied as a whole.
 */
export class GrowingRows {
  /** All rows so far; freed by the next `append`, `select` or `dispose`. */
  rows: Tensor;
  /** `[1, capacity, ...]`, of which `rows` is a view. */
  #buffer: Tensor | null = null;

  constructor(first: Tensor) {
    this.rows = keep(first.detach());
  }

  get tokens(): number {
    return this.rows.shape[1]!;
  }

  append(added: Tensor): void {
    if (isCapturing()) {
      throw new OcelliError('cache', 'it cannot be captured: every replay would append at the same place');
    }
    const [batch, , ...rest] = this.rows.shape;
    if (batch !== 1) {
      this.#replace(concat([this.rows, added], 1), null);
      return;
    }
    const tokens = this.tokens + added.shape[1]!;
    let buffer = this.#buffer;
    if (!buffer || buffer.shape[1]! < tokens) {
      buffer = keep(empty([1, 2 * tokens, ...rest], added.dtype));
      copyInto(buffer, this.rows, 0);
    }
    copyInto(buffer, added, this.rows.size);
    this.#replace(buffer.view([1, tokens, ...rest]), buffer);
  }

  /** Keeps sequences `ids` in this order; one may repeat. int32 `[newBatch]`. */
  select(ids: Tensor): void {
    this.#replace(gatherRows(this.rows, ids), null);
  }

  /** Rows of their own with sequences `ids` of these. */
  copy(ids: Tensor): GrowingRows {
    using rows = gatherRows(this.rows, ids);
    return new GrowingRows(rows);
  }

  dispose(): void {
    this.rows.dispose();
    this.#buffer?.dispose();
  }

  #replace(rows: Tensor, buffer: Tensor | null): void {
    this.rows.dispose();
    if (buffer !== this.#buffer) this.#buffer?.dispose();
    this.rows = keep(rows);
    this.#buffer = buffer;
  }
}
