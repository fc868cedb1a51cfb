import type { Adapter } from '@ocelli/adapters';
import {
  type HookList,
  type LanguageModel,
  type PackedTokens,
  packTokens,
  padTokens,
  type RecomputedLayers,
  type TokenBatch,
} from '@ocelli/backbones';
import { formatShape, OcelliError, scale, type Tensor, tensor } from '@ocelli/ops';
import type { TokenizedExample } from './tokenize-example.js';

/** What an adapter is trained between, and what of the text. */
export interface ImageTextSettings {
  readonly languageModel: LanguageModel;
  readonly adapter: Adapter;
  /** Tokens that the loss is about: the answer or caption with its end, or the question as well. Default `target`. */
  readonly lossOn?: 'target' | 'all';
  /**
   * `mean` over all supervised tokens of a batch (the default), or `reference`: 0.1 × the sum over each sample's tokens,
   * averaged over samples, as the released eP-ALM.
   */
  readonly reduction?: 'mean' | 'reference';
  /**
   * Default true: the texts of a batch lie end to end, and no work is done for padding. An adapter that is not `causal`
   * pads all the same, since what it computes depends on padding. With `false`, texts are padded to the longest.
   */
  readonly pack?: boolean;
  /** Blocks of the language model that run again in the backward pass, for less memory. Default: none. */
  readonly recompute?: RecomputedLayers | undefined;
}

/** A batch on its way to the loss. */
export interface ImageTextBatch {
  readonly input: TokenBatch | PackedTokens;
  /** Flattened text positions whose next token is supervised. */
  readonly rows: Int32Array;
  /** That next token, for each of `rows`. */
  readonly targets: Int32Array;
  readonly features: Tensor;
}

const referenceWeight = 0.1;

/** Throws if a text is longer than the language model can read. @param name of the example, for messages. */
export function checkLength({ ids }: TokenizedExample, { config }: LanguageModel, name: string): void {
  if (ids.length <= config.maxPositions) return;
  throw new OcelliError(
    'image-text task',
    `${name} has ${ids.length} tokens, the language model has ${config.maxPositions} positions; ` +
      `shorten it or leave it out`,
  );
}

/** Throws, and frees them, if features are not `[items, layers, tokens, width]` as the adapter asks for them. */
export function checkFeatures(values: Tensor, items: number, adapter: Adapter): void {
  const { layers, tokens } = adapter.features;
  const [batch, actualLayers, actualTokens] = values.shape;
  const fits = values.rank === 4 && batch === items && actualLayers === layers;
  if (fits && (tokens !== 'class' || actualTokens === 1)) return;
  values.dispose();
  throw new OcelliError(
    'image-text task',
    `features gave ${formatShape(values.shape)} for ${items} items, "${adapter.name}" needs ` +
      `[${items}, ${layers}, ${tokens === 'class' ? 1 : 'tokens'}, width]; use encodeFeatures with adapter.features`,
  );
}

/** Texts as one input, with the positions that are supervised. */
export function arrangeTexts(
  texts: readonly TokenizedExample[],
  { languageModel, adapter, lossOn = 'target', pack = true }: ImageTextSettings,
): Omit<ImageTextBatch, 'features'> {
  const sequences = texts.map(({ ids }) => ids);
  const input =
    pack && adapter.causal
      ? packTokens(sequences)
      : padTokens(sequences, languageModel.config.padId, 'right');
  const rows: number[] = [];
  const targets: number[] = [];
  let begin = 0;
  for (const { ids, targetBegin } of texts) {
    for (let next = lossOn === 'all' ? 1 : targetBegin; next < ids.length; next++) {
      rows.push(begin + next - 1); // the position before predicts it
      targets.push(ids[next]!);
    }
    begin += 'tokens' in input ? input.tokens : ids.length;
  }
  return { input, rows: Int32Array.from(rows), targets: Int32Array.from(targets) };
}

/** The loss of a batch. @param watch hooks that look on, beside the adapter's. */
export function imageTextLoss(
  { input, rows, targets, features }: ImageTextBatch,
  { languageModel, adapter, reduction = 'mean', recompute }: ImageTextSettings,
  watch: HookList = [],
): Tensor {
  const call = {
    input,
    hooks: [...adapter.hooks(features), ...watch],
    logitRows: tensor(rows),
    ...(recompute ? { recompute } : {}),
  };
  if (reduction === 'mean') return languageModel.loss(call, tensor(targets));
  const sum = languageModel.loss(call, tensor(targets), { reduction: 'sum' });
  return scale(sum, referenceWeight / features.shape[0]!);
}

/** What a batch counts among others of a step. */
export function batchWeight(
  { features, targets }: ImageTextBatch,
  reduction: ImageTextSettings['reduction'],
): number {
  return reduction === 'reference' ? features.shape[0]! : targets.length;
}
