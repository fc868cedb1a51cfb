import { hostTensor, keep, type Tensor } from '@ocelli/ops';
import { GrowingRows } from './growing-rows.js';

/** What the queries of a layer see; freed by the next `append`, `select` or `dispose`. */
interface LayerRows {
  /** `[batch, tokens or more, width]`: after a step of one token, rows that are masked may follow. */
  readonly key: Tensor;
  readonly value: Tensor;
  /** uint8 `[batch, tokens or more]`. */
  readonly mask: Tensor;
}

type LayerCache = Readonly<Record<keyof LayerRows, GrowingRows>>;

/**
 * Keys, values and padding of the tokens that a decoder has seen, per layer; layers may differ in length, since an
 * adapter may have put rows into some of them only.
 */
export class KeyValueCache {
  readonly #layers: (LayerCache | undefined)[] = [];
  /** Of the step that runs: where a layer with so many rows puts the next, as int32 `[1]`. */
  readonly #places = new Map<number, Tensor>();

  /** Rows in the cache of a layer, injected ones among them. */
  tokens(layer: number): number {
    return this.#layers[layer]?.key.tokens ?? 0;
  }

  /** Text tokens seen by sequence `i` (without padding), for its next position; counted by the model. */
  positions: Int32Array | null = null;

  /** Columns of text seen, padding among them; what a layer has beyond them was put there. Counted by the model. */
  textColumns = 0;

  /** Whether a step of one token takes no new memory: then it can be captured, and replayed as long as there is room. */
  get hasRoom(): boolean {
    return this.#layers.every((layer) => layer?.key.hasRoom);
  }

  /** Adds the new rows of a layer and returns everything that its queries see. Every step begins with layer 0. */
  append(layer: number, key: Tensor, value: Tensor, mask: Tensor): LayerRows {
    if (layer === 0) this.#forgetPlaces();
    let cache = this.#layers[layer];
    if (cache && key.shape[1] === 1) {
      const place = this.#placeOf(cache.key);
      cache.key.appendOne(key, place);
      cache.value.appendOne(value, place);
      cache.mask.appendOne(mask, place);
    } else if (cache) {
      cache.key.append(key);
      cache.value.append(value);
      cache.mask.append(mask);
    } else {
      cache = { key: new GrowingRows(key), value: new GrowingRows(value), mask: new GrowingRows(mask) };
      this.#layers[layer] = cache;
    }
    return { key: cache.key.rows, value: cache.value.rows, mask: cache.mask.rows };
  }

  #placeOf(rows: GrowingRows): Tensor {
    const { tokens } = rows;
    const known = this.#places.get(tokens);
    if (known) return known;
    const place = keep(hostTensor(() => Int32Array.of(rows.tokens), [1]));
    this.#places.set(tokens, place);
    return place;
  }

  /** Keeps sequences `rows` in this order (a row may repeat): how beams are re-ordered. int32 `[newBatch]`. */
  select(rows: Tensor, hostRows: Int32Array): void {
    for (const layer of this.#layers) for (const part of layer ? Object.values(layer) : []) part.select(rows);
    this.positions &&= positionsOf(this.positions, hostRows);
  }

  /** A cache of its own with sequences `rows` of this one, which stays as it is. int32 `[newBatch]`. */
  copy(rows: Tensor, hostRows: Int32Array): KeyValueCache {
    const copy = new KeyValueCache();
    for (const [index, layer] of this.#layers.entries()) {
      copy.#layers[index] = layer && {
        key: layer.key.copy(rows),
        value: layer.value.copy(rows),
        mask: layer.mask.copy(rows),
      };
    }
    copy.positions = this.positions && positionsOf(this.positions, hostRows);
    copy.textColumns = this.textColumns;
    return copy;
  }

  #forgetPlaces(): void {
    for (const place of this.#places.values()) place.dispose();
    this.#places.clear();
  }

  dispose(): void {
    this.#forgetPlaces();
    for (const layer of this.#layers) for (const part of layer ? Object.values(layer) : []) part.dispose();
    this.#layers.length = 0;
  }
}

function positionsOf(positions: Int32Array, rows: Int32Array): Int32Array {
  return Int32Array.from(rows, (row) => positions[row]!);
}
