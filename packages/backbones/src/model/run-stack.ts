import type { Tensor } from '@ocelli/ops';
import { atSite } from './at-site.js';
import type { HookContext, HookList } from './hooks.js';
import { type RecomputedLayers, runBlock } from './run-block.js';
import type { Sequence } from './sequence.js';

/** A block that is ready to run. */
export interface ReadyBlock {
  /** What it reads besides its sequence; lives until the backward pass if the block runs again there. */
  readonly reads?: readonly (Tensor | null)[];
  /** Gives the block's output, `[batch, rows, width]`. */
  run(): Tensor;
}

/** How a stack of blocks is walked. */
export interface StackCall {
  readonly layers: number;
  readonly hooks: HookList;
  readonly context: HookContext;
  readonly recomputed: RecomputedLayers | undefined;
  /** Rows that a layer's cache holds before this call. Default: none. */
  readonly cachedRows?: (layer: number) => number;
  /** What is made here, and not in `run`, lives as long as the call's other tensors. */
  readonly block: (layer: number, sequence: Sequence, context: HookContext) => ReadyBlock;
  /** Is given the first block's input and each block's output, which then all stay in memory. */
  readonly watch?: ((sequence: Sequence) => void) | undefined;
}

/** Takes a sequence through the blocks of a stack with their hooks, up to what stands before the final norm. */
export function runStack(first: Sequence, call: StackCall): Sequence {
  const { layers, hooks, context, recomputed, cachedRows = () => 0, watch } = call;
  const isRead = watch || hooks.some((hook) => hook.tap);
  let output = first.hiddenStates; // of the block before, freed when the next one has run
  let sequence = { ...first, hiddenStates: atSite(hooks, 'embeddings', 0, output, context) };
  watch?.(sequence);
  for (let layer = 0; layer < layers; layer++) {
    const blockContext = { ...context, pastTokens: cachedRows(layer) };
    for (const hook of hooks) sequence = hook.override?.(layer, sequence, blockContext) ?? sequence;
    const before = output;
    const { reads = [], run } = call.block(layer, sequence, blockContext);
    output = runBlock(layer, [sequence.hiddenStates, sequence.keyMask, ...reads], { hooks, recomputed }, run);
    if (!isRead) before.dispose();
    sequence = { ...sequence, hiddenStates: atSite(hooks, 'block.out', layer, output, blockContext) };
    watch?.(sequence);
  }
  for (const hook of hooks) sequence = hook.override?.(layers, sequence, context) ?? sequence;
  return sequence;
}
