import { concat, gatherRows, keep, type Tensor } from '@ocelli/ops';

interface LayerCache {
  /** `[batch, tokens, width]`. */
  key: Tensor;
  value: Tensor;
  /** uint8 `[batch, tokens]`. */
  mask: Tensor;
}

/**
 * Keys, values and padding of the tokens that a decoder has seen, per layer; layers may differ in length, since an
 * adapter may have put rows into some of them only.
 */
export class KeyValueCache {
  readonly #layers: (LayerCache | undefined)[] = [];

  /** Rows in the cache of a layer, injected ones among them. */
  tokens(layer: number): number {
    return this.#layers[layer]?.key.shape[1] ?? 0;
  }

  /** Text tokens seen by sequence `i` (without padding), for its next position; counted by the model. */
  positions: Int32Array | null = null;

  /** Columns of text seen, padding among them; what a layer has beyond them was put there. Counted by the model. */
  textColumns = 0;

  /** Adds the new rows of a layer and returns everything that its queries see. */
  append(layer: number, key: Tensor, value: Tensor, mask: Tensor): LayerCache {
    const before = this.#layers[layer];
    const after = before
      ? {
          key: keep(concat([before.key, key], 1)),
          value: keep(concat([before.value, value], 1)),
          mask: keep(concat([before.mask, mask], 1)),
        }
      : { key: keep(key.detach()), value: keep(value.detach()), mask: keep(mask.detach()) };
    if (before) disposeLayer(before);
    this.#layers[layer] = after;
    return after;
  }

  /** Keeps sequences `rows` in this order (a row may repeat): how beams are re-ordered. int32 `[newBatch]`. */
  select(rows: Tensor, hostRows: Int32Array): void {
    for (const [index, layer] of this.#layers.entries()) {
      if (!layer) continue;
      this.#layers[index] = rowsOf(layer, rows);
      disposeLayer(layer);
    }
    this.positions &&= positionsOf(this.positions, hostRows);
  }

  /** A cache of its own with sequences `rows` of this one, which stays as it is. int32 `[newBatch]`. */
  copy(rows: Tensor, hostRows: Int32Array): KeyValueCache {
    const copy = new KeyValueCache();
    for (const [index, layer] of this.#layers.entries()) copy.#layers[index] = layer && rowsOf(layer, rows);
    copy.positions = this.positions && positionsOf(this.positions, hostRows);
    copy.textColumns = this.textColumns;
    return copy;
  }

  dispose(): void {
    for (const layer of this.#layers) if (layer) disposeLayer(layer);
    this.#layers.length = 0;
  }
}

function rowsOf({ key, value, mask }: LayerCache, rows: Tensor): LayerCache {
  return {
    key: keep(gatherRows(key, rows)),
    value: keep(gatherRows(value, rows)),
    mask: keep(gatherRows(mask, rows)),
  };
}

function positionsOf(positions: Int32Array, rows: Int32Array): Int32Array {
  return Int32Array.from(rows, (row) => positions[row]!);
}

function disposeLayer(layer: LayerCache): void {
  layer.key.dispose();
  layer.value.dispose();
  layer.mask.dispose();
}
