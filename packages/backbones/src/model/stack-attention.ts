import { add, attention, concat, full, type Tensor, zeros } from '@ocelli/ops';
import { applyLinear } from './apply-linear.js';
import { atSite } from './at-site.js';
import type { StackBlockCall } from './encoder-decoder-model.js';
import type { Linear } from './weights.js';

/** The linears of an attention. */
export interface AttentionLinears {
  readonly query: Linear;
  readonly key: Linear;
  readonly value: Linear;
  readonly output: Linear;
}

/** What differs between models. */
export interface StackAttentionOptions {
  readonly heads: number;
  /** Multiplies the scores. Default 1/√headSize. */
  readonly scale?: number;
}

/**
 * `residual` + self-attention of a block with its hooks and cache, causal in the decoder.
 *
 * @param x what has passed `attention.in`: `[batch, rows, width]`.
 */
export function selfAttention(
  call: StackBlockCall,
  linears: AttentionLinears,
  x: Tensor,
  residual: Tensor,
  options: StackAttentionOptions,
): Tensor {
  const { stack, layer, sequence, hooks, context, bias, cache } = call;
  const query = applyLinear(linears.query, { name: 'query', layer, hooks }, x);
  let key = applyLinear(linears.key, { name: 'key', layer, hooks }, x);
  let value = applyLinear(linears.value, { name: 'value', layer, hooks }, x);
  let keyMask = sequence.keyMask;
  if (cache) {
    const mask = keyMask ?? full(key.shape.slice(0, 2), 1, 'uint8');
    ({ key, value, mask: keyMask } = cache.self.append(layer, key, value, mask));
  }
  const { fullRows } = sequence;
  const shared = { ...options, causal: stack === 'decoder', keyMask, fullRows };
  let y = attention(query, key, value, { ...shared, bias: bias && forKeys(bias, key.shape[1]!) });
  for (const hook of hooks) {
    const extra = hook.keyValues?.(layer, query, context);
    if (extra) y = add(y, extra);
  }
  const followers = {
    atSite: (z: Tensor): Tensor => atSite(hooks, 'attention.out', layer, z, context),
    residual,
  };
  return applyLinear(linears.output, { name: 'output', layer, hooks }, y, followers);
}

/** A bias `[heads, queries, keys]` for keys behind which the cache has masked ones. */
function forKeys(bias: Tensor, keys: number): Tensor {
  const [heads, queries, known] = bias.shape as [number, number, number];
  return known === keys ? bias : concat([bias, zeros([heads, queries, keys - known])], 2);
}

/**
 * `residual` + attention of a decoder's block to the encoder's memory, whose keys and values a cache makes only once.
 *
 * @param x what has passed `crossAttention.in`: `[batch, rows, width]`.
 */
export function crossAttention(
  { layer, hooks, context, memory, cache }: StackBlockCall,
  linears: AttentionLinears,
  x: Tensor,
  residual: Tensor,
  options: StackAttentionOptions,
): Tensor {
  const query = applyLinear(linears.query, { name: 'crossQuery', layer, hooks }, x);
  const read = () => {
    const { hiddenStates, keyMask: mask } = memory!;
    return {
      key: applyLinear(linears.key, { name: 'crossKey', layer, hooks }, hiddenStates),
      value: applyLinear(linears.value, { name: 'crossValue', layer, hooks }, hiddenStates),
      mask,
    };
  };
  const { key, value, mask: keyMask } = cache ? cache.memory(layer, read) : read();
  const y = attention(query, key, value, { ...options, keyMask });
  const followers = {
    atSite: (z: Tensor): Tensor => atSite(hooks, 'crossAttention.out', layer, z, context),
    residual,
  };
  return applyLinear(linears.output, { name: 'crossOutput', layer, hooks }, y, followers);
}
