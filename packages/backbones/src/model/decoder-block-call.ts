import { add, attention, full, hostTensor, OcelliError, type Tensor } from '@ocelli/ops';
import { applyLinear, type LinearFollowers } from './apply-linear.js';
import { atSite } from './at-site.js';
import type { HookContext, HookList, LinearName, Site } from './hooks.js';
import type { KeyValueCache } from './key-value-cache.js';
import type { Sequence } from './sequence.js';
import type { Linear } from './weights.js';

/** How a block attends. */
export interface SelfAttentionOptions {
  /** Heads of the queries. */
  readonly heads: number;
  /** Heads of the keys and values, a divisor of `heads`. Default `heads`. */
  readonly keyValueHeads?: number;
  /** Multiplies the scores. Default 1/√headSize. */
  readonly scale?: number;
}

/** What follows a block's linear, the site by its name. */
export interface BlockLinearFollowers extends Pick<LinearFollowers, 'activation' | 'residual'> {
  /** Where hooks read and map the result, before the residual is added. */
  readonly site?: Site;
}

/** One run of one block of a decoder: what it works on, and its steps with the hooks at their places. */
export class DecoderBlockCall {
  /** @param positions gives that of each row of the sequence, -1 at padding: see `rowPositions`. */
  constructor(
    readonly layer: number,
    readonly sequence: Sequence,
    readonly positions: () => Int32Array,
    readonly hooks: HookList,
    readonly context: HookContext,
    readonly cache: KeyValueCache | undefined,
  ) {}

  /** Lets hooks read, then map, an activation at a site of this block. */
  at(site: Site, x: Tensor): Tensor {
    return atSite(this.hooks, site, this.layer, x, this.context);
  }

  /** One of the block's linears with its hooks: `[..., inputs]` → `[..., outputs]`. */
  linear(
    name: LinearName,
    linear: Linear,
    x: Tensor,
    { site, ...followers }: BlockLinearFollowers = {},
  ): Tensor {
    const { layer, hooks } = this;
    const mapped = site ? { ...followers, atSite: (y: Tensor) => this.at(site, y) } : followers;
    return applyLinear(linear, { name, layer, hooks }, x, mapped);
  }

  /**
   * Where a rotary model has the rows: attended ones are numbered one after another as they stand in this block, those
   * before the text too.
   *
   * @param maxPositions of the model; more is an error.
   * @returns int32 `[batch, rows]`.
   */
  rotaryPositions(maxPositions: number): Tensor {
    const checked = (): Int32Array => {
      const positions = this.positions();
      const needed = positions.reduce((most, position) => Math.max(most, position), -1) + 1;
      if (needed <= maxPositions) return positions;
      throw new OcelliError(
        'forward',
        `text and the rows before it need ${needed} positions, the model has ${maxPositions}; shorten the text`,
      );
    };
    return hostTensor(checked, this.sequence.hiddenStates.shape.slice(0, 2));
  }

  /**
   * Causal attention of the rows among themselves and to those in the cache, and what hooks add with keys and values of
   * their own.
   *
   * @param query `[batch, rows, heads * headSize]`, turned by its positions if the model does so.
   * @param key `[batch, rows, keyValueHeads * headSize]`; `value` likewise.
   * @returns `[batch, rows, heads * headSize]`.
   */
  attention(query: Tensor, key: Tensor, value: Tensor, options: SelfAttentionOptions): Tensor {
    const { layer, sequence, hooks, context, cache } = this;
    const { keyMask, lengths, fullRows } = sequence;
    const mask = keyMask ?? (cache ? full(key.shape.slice(0, 2), 1, 'uint8') : null);
    const seen = cache && mask ? cache.append(layer, key, value, mask) : { key, value, mask };
    let x = attention(query, seen.key, seen.value, {
      ...options,
      causal: true,
      keyMask: seen.mask,
      sequences: lengths,
      fullRows,
    });
    for (const hook of hooks) {
      const extra = hook.keyValues?.(layer, query, context);
      if (extra) x = add(x, extra);
    }
    return x;
  }
}
