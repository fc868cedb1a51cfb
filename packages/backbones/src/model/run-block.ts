import { OcelliError, recompute, scope, type Tensor } from '@ocelli/ops';
import type { HookList } from './hooks.js';

/** Blocks that run again in the backward pass instead of keeping what it reads: by number from 0, or `all`. */
export type RecomputedLayers = ReadonlySet<number> | 'all';

/** Runs a block so that nothing stays in memory but its output and what its backward pass reads. */
export function runBlock(
  layer: number,
  inputs: readonly (Tensor | null)[],
  options: { readonly hooks: HookList; readonly recomputed: RecomputedLayers | undefined },
  block: () => Tensor,
): Tensor {
  const { hooks, recomputed } = options;
  const isRecomputed = recomputed === 'all' || (recomputed?.has(layer) ?? false);
  // What a tap has read must live on.
  if (hooks.some((hook) => hook.tap)) {
    if (!isRecomputed) return block();
    throw new OcelliError(
      'recompute',
      `a hook taps hidden states, which a recomputed block ${layer} computes twice; leave recompute or the tap out`,
    );
  }
  if (!isRecomputed) return scope(block);
  return recompute(
    block,
    inputs.filter((input) => input !== null),
  );
}
