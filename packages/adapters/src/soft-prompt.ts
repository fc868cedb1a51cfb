import { add, normal, type Random, type Tensor, tanh, zeros } from '@ocelli/ops';
import type { AdapterParameter } from './adapter.js';
import { Projection } from './projection.js';

/**
 * Trainable tokens before the text, one set for all samples: rows of an embedding that starts as N(0, 1), through
 * `Linear → tanh → Linear` if `mlp` (as eP-ALM's released models do).
 */
export class SoftPrompt {
  readonly #rows: Tensor;
  readonly #first: Projection | null;
  readonly #second: Projection | null;

  constructor(length: number, width: number, mlp: boolean, random: Random) {
    this.#rows = normal(random, [length, width]).asParameter();
    this.#first = mlp ? new Projection(width, width, random) : null;
    this.#second = mlp ? new Projection(width, width, random) : null;
  }

  /** `[batch, length, width]`. */
  forward(batch: number): Tensor {
    const [length, width] = this.#rows.shape as [number, number];
    let rows = this.#rows;
    if (this.#first && this.#second) rows = this.#second.forward(tanh(this.#first.forward(rows)));
    return add(zeros([batch, length, width]), rows);
  }

  /** Names as in the released checkpoints: a `Sequential(Embedding, Linear, Tanh, Linear)`. */
  *named(): Iterable<[string, AdapterParameter]> {
    const prefix = 'prompt_module.prefix_embedding';
    yield [`${prefix}.0.weight`, { tensor: this.#rows, group: 'prompt' }];
    for (const [index, layer] of [[1, this.#first] as const, [3, this.#second] as const]) {
      if (!layer) continue;
      yield [`${prefix}.${index}.weight`, { tensor: layer.weight, group: 'prompt' }];
      yield [`${prefix}.${index}.bias`, { tensor: layer.bias, group: 'prompt' }];
    }
  }
}
