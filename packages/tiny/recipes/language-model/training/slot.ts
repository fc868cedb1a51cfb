import { type Hooks, type LanguageModel, prependRows, replaceRows } from '@ocelli/backbones';
import { add, layerNorm, matmul, normal, type Random, reshape, type Tensor, tensor } from '@ocelli/ops';

/**
 * One injected row in front of the text, as eP-ALM's adapter does it (Shukor et al. 2023): from `firstLayer` on, every
 * layer's input has the slot as its row 0, and what a layer makes of that row is thrown away.
 *
 * @param slot `[batch, 1, width]`
 * @param firstLayer layers below do not see it
 * @param layers of the model
 */
export function slotHook(slot: Tensor, firstLayer: number, layers: number): Hooks {
  return {
    override(layer, sequence) {
      if (layer < firstLayer || layer === layers) return sequence;
      return layer > firstLayer ? replaceRows(sequence, slot) : prependRows(sequence, slot);
    },
  };
}

/** Facts in tokens, and whose facts each text follows from. */
export interface SlotContexts {
  readonly contexts: readonly (readonly number[])[];
  /** For each text, the number of its context: `[texts]`. */
  readonly contextOfText: readonly number[];
}

/**
 * Compresses facts into one vector per text: the mean of their words' embeddings at unit variance, with Gaussian noise,
 * since what an encoder gives is never exact (CapDec trains a captioner from text alone so, Nukrai et al. 2022, arXiv
 * 2211.00575).
 *
 * @returns `[texts, 1, width]`
 */
export function slotsOf(
  model: LanguageModel,
  { contexts, contextOfText }: SlotContexts,
  noise?: { readonly random: Random; readonly standardDeviation: number },
): Tensor {
  const { embeddingWidth } = model.config;
  const ids = Int32Array.from(contexts.flat());
  const embeddings = reshape(model.embed(tensor(ids, [1, ids.length])), [ids.length, embeddingWidth]);
  const ends = contexts.map(
    (
      (sum) => (context) =>
        (sum += context.length)
    )(0),
  );
  const shares = new Float32Array(contextOfText.length * ids.length);
  for (const [text, context] of contextOfText.entries()) {
    const { length } = contexts[context]!;
    const end = text * ids.length + ends[context]!;
    shares.fill(1 / length, end - length, end);
  }
  const bags = matmul(tensor(shares, [contextOfText.length, ids.length]), embeddings);
  const slots = layerNorm(bags, { epsilon: 1e-12 });
  const noisy =
    noise && noise.standardDeviation > 0
      ? add(slots, normal(noise.random, slots.shape, noise.standardDeviation))
      : slots;
  return reshape(noisy, [contextOfText.length, 1, embeddingWidth]);
}
