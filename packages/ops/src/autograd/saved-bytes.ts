import type { Storage } from '../core/storage.js';
import type { Tensor } from '../core/tensor.js';

/**
 * Bytes that ops on the way to `result` keep for its backward pass, by the op's name. Memory that several keep counts
 * once, for the last op. Weights and given inputs, tensors without a history, count nothing: they would be there anyway.
 */
export function savedBytes(result: Tensor): ReadonlyMap<string, number> {
  const nodes = new Set(result.node ? [result.node] : []);
  const counted = new Set<Storage>();
  for (const { inputs } of nodes) {
    for (const input of inputs) {
      if (input?.node) nodes.add(input.node);
      else if (input && !input.isDisposed) counted.add(input.storage('savedBytes'));
    }
  }
  const bytes = new Map<string, number>();
  for (const { name, saved } of [...nodes].sort((a, b) => b.sequence - a.sequence)) {
    let sum = 0;
    for (const tensor of saved) {
      const storage = tensor.storage('savedBytes');
      if (!counted.has(storage)) sum += storage.bytes;
      counted.add(storage);
    }
    bytes.set(name, (bytes.get(name) ?? 0) + sum);
  }
  return bytes;
}
