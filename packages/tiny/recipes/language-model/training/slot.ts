import type { Hooks, LanguageModel, TokenBatch } from '@ocelli/backbones';
import {
  add,
  concat,
  full,
  gatherRows,
  layerNorm,
  normal,
  type Random,
  reshape,
  slice,
  type Tensor,
  tensor,
} from '@ocelli/ops';

/** Where a slot stands. */
export interface SlotPlace {
  /** Layers below do not see it. */
  readonly firstLayer: number;
  /** What a layer makes of the slot goes into the next layer; else every layer gets the slot itself. */
  readonly flows?: boolean;
}

/**
 * One injected row in front of the text. By default as eP-ALM's adapter does it (Shukor et al. 2023): from `firstLayer`
 * on, every layer's input has the slot as its row 0, and what a layer makes of that row is thrown away. With `flows` it is
 * put in once, which at layer 0 is a soft prompt.
 *
 * @param slot `[batch, 1, width]`
 */
export function slotHook(slot: Tensor, { firstLayer, flows = false }: SlotPlace, layers: number): Hooks {
  return {
    override(layer, sequence) {
      if (layer < firstLayer || layer === layers || (flows && layer > firstLayer)) return sequence;
      const { hiddenStates, keyMask } = sequence;
      if (layer > firstLayer) {
        const text = slice(hiddenStates, 1, 1, hiddenStates.shape[1]!);
        return { ...sequence, hiddenStates: concat([slot, text], 1) };
      }
      const seen = full([slot.shape[0]!, 1], 1, 'uint8');
      return {
        ...sequence,
        hiddenStates: concat([slot, hiddenStates], 1),
        keyMask: keyMask && concat([seen, keyMask], 1),
      };
    },
  };
}

/** Contexts in tokens with their closing `</s>`, and the row of the flattened batch at which each text's context ends. */
export interface SlotContexts {
  readonly contexts: TokenBatch;
  /** `[texts]` */
  readonly slotRows: Int32Array;
}

/**
 * Compresses a context into one vector: the last hidden state at its closing `</s>` (a gist token, Mu et al. 2023, arXiv
 * 2304.08467), at unit variance, with Gaussian noise (as CapDec trains a decoder from text alone, Nukrai et al. 2022,
 * arXiv 2211.00575).
 *
 * @returns `[texts, 1, width]`
 */
export function slotsOf(
  model: LanguageModel,
  { contexts, slotRows }: SlotContexts,
  noise?: { readonly random: Random; readonly standardDeviation: number },
): Tensor {
  const { width } = model.config;
  // No logits are wanted of this pass; one row is the least that can be asked for.
  const { lastHiddenState } = model.forward({ input: contexts, logitRows: tensor(Int32Array.of(0)) });
  const rows = reshape(lastHiddenState, [contexts.batch * contexts.tokens, width]);
  const slots = layerNorm(gatherRows(rows, tensor(slotRows)), { weight: null, bias: null, epsilon: 1e-5 });
  const noisy =
    noise && noise.standardDeviation > 0
      ? add(slots, normal(noise.random, slots.shape, noise.standardDeviation))
      : slots;
  return reshape(noisy, [slotRows.length, 1, width]);
}
