import { concat, PackedWeight, type Tensor, type WeightType } from '@ocelli/ops';

/** A head whose weight is the token table, packed once more for as long as that is frozen. */
export class TiedHead {
  readonly #table: Tensor;
  readonly #bias: Tensor | null;
  #packed: PackedWeight | null;

  /**
   * @param table `[vocabulary, width]`.
   * @param bias of the logits, `[vocabulary, 1]`; it becomes one more column of the weight, whose input is 1.
   */
  constructor(table: Tensor, dtype: WeightType = 'float32', bias: Tensor | null = null) {
    this.#table = table;
    this.#bias = bias;
    const plain = this.#plain();
    this.#packed = new PackedWeight(plain, { dtype });
    if (plain !== table) plain.dispose();
  }

  /** `[vocabulary, width]`, with a bias `[vocabulary, width + 1]`. */
  get weight(): Tensor | PackedWeight {
    if (!this.#table.requiresGrad) return this.#packed!;
    this.#packed?.dispose();
    this.#packed = null;
    return this.#plain();
  }

  dispose(): void {
    this.#packed?.dispose();
  }

  #plain(): Tensor {
    return this.#bias ? concat([this.#table, this.#bias], 1) : this.#table;
  }
}
