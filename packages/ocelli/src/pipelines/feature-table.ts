import type { FeatureRequest } from '@ocelli/backbones';
import { formatShape, OcelliError, type Random, type Tensor, tensor } from '@ocelli/ops';

/** Features of many pictures, videos or recordings in memory, float32 `[items, layers, tokens, width]`, shallowest block first. */
export class FeatureTable {
  readonly items: number;
  readonly layers: number;
  readonly tokens: number;
  readonly width: number;
  readonly #rows: (Float32Array | undefined)[];

  constructor(items: number, layers: number, tokens: number, width: number) {
    this.items = items;
    this.layers = layers;
    this.tokens = tokens;
    this.width = width;
    this.#rows = new Array<Float32Array | undefined>(items).fill(undefined);
  }

  /** `[layers, tokens, width]`. */
  get itemShape(): readonly [number, number, number] {
    return [this.layers, this.tokens, this.width];
  }

  /** Takes over the features of one item; the array is kept, not copied. */
  set(item: number, values: Float32Array): void {
    if (values.length !== this.layers * this.tokens * this.width) {
      throw new OcelliError(
        'feature table',
        `item ${item} has ${values.length} values, the table holds ${formatShape(this.itemShape)} each; empty the cache`,
      );
    }
    this.#rows[item] = values;
  }

  /** Whether there are features of an item: not of what was broken. */
  has(item: number): boolean {
    return this.#rows[item] !== undefined;
  }

  /** The features of one item, `[layers, tokens, width]`. */
  row(item: number): Float32Array {
    const row = this.#rows[item];
    if (row) return row;
    throw new OcelliError(
      'feature table',
      `there is no item ${item}; the ${this.items} items are numbered from 0`,
    );
  }

  /**
   * The last `request.layers` blocks of these items as a new tensor `[items, layers, tokens, width]`, which the caller
   * frees.
   */
  tensor(items: readonly number[], request: FeatureRequest): Tensor {
    if (request.layers > this.layers || (request.tokens === 'all' && this.tokens === 1)) {
      throw new OcelliError(
        'feature table',
        `the table holds ${formatShape(this.itemShape)} an item, ${request.layers} layers of ${request.tokens} tokens were ` +
          `asked for; encode with that request`,
      );
    }
    const tokens = request.tokens === 'class' ? 1 : this.tokens;
    const skipped = (this.layers - request.layers) * this.tokens * this.width;
    const data = new Float32Array(items.length * request.layers * tokens * this.width);
    let target = 0;
    for (const item of items) {
      const row = this.row(item);
      if (tokens === this.tokens) {
        data.set(row.subarray(skipped), target);
        target += row.length - skipped;
        continue;
      }
      for (let layer = 0; layer < request.layers; layer++, target += this.width) {
        const from = skipped + layer * this.tokens * this.width; // the class token stands first
        data.set(row.subarray(from, from + this.width), target);
      }
    }
    return tensor(data, [items.length, request.layers, tokens, this.width]);
  }
}

/** Features of these items, each from one of some tables that is drawn; a single one needs no draw. */
export function drawTensor(
  tables: readonly FeatureTable[],
  items: readonly number[],
  request: FeatureRequest,
  random: Random,
): Tensor {
  const [first] = tables as [FeatureTable];
  if (tables.length === 1) return first.tensor(items, request);
  const drawn = new FeatureTable(items.length, first.layers, first.tokens, first.width);
  for (const [place, item] of items.entries())
    drawn.set(place, tables[random.integer(tables.length)]!.row(item));
  return drawn.tensor([...items.keys()], request);
}
