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
import type { BatchContext, TrainingParameter, TrainingTask } from './task.js';
import { type TextTokenizer, type TokenizedExample, textFrame, tokenizeExample } from './tokenize-example.js';

/** A question with its answer, or a caption: an empty prompt. */
export interface ImageTextExample {
  readonly prompt: string;
  readonly target: string;
  /** Which image (or video, or sound) it is about, as `features` counts them. */
  readonly item: number;
}

/** What an image-text task is made of. */
export interface ImageTextTaskOptions {
  readonly examples: readonly ImageTextExample[];
  /**
   * The encoder's features of these items, `[items, layers, tokens, width]` as `adapter.features` asks for them. The
   * task frees the tensor. Augmentation draws from `context.random`.
   */
  readonly features: (items: readonly number[], context: BatchContext) => Promise<Tensor>;
  readonly languageModel: LanguageModel;
  readonly tokenizer: TextTokenizer;
  readonly adapter: Adapter;
  /** The token between a prompt and its answer. Default: `textFrame`'s. */
  readonly separator?: string;
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
  readonly recompute?: RecomputedLayers;
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

/**
 * Teaches an adapter to answer or to caption: what it trains is `adapter.parameters`. All text is tokenised once, here;
 * batches are packed without padding, and only supervised positions reach the language model's head.
 */
export class ImageTextTask implements TrainingTask<ImageTextBatch> {
  readonly length: number;
  /** Tokens of each example. */
  readonly lengths: readonly number[];
  readonly parameters: ReadonlyMap<string, TrainingParameter>;
  readonly #options: ImageTextTaskOptions;
  readonly #texts: readonly TokenizedExample[];
  /** Blocks of the language model that run again in the backward pass; may change between losses. */
  recompute: RecomputedLayers | undefined;

  constructor(options: ImageTextTaskOptions) {
    const { examples, languageModel, tokenizer, adapter } = options;
    if (examples.length === 0) {
      throw new OcelliError('image-text task', 'there are no examples; give at least one');
    }
    const { config } = languageModel;
    const frame = textFrame(tokenizer, config, options.separator);
    this.#options = options;
    this.#texts = examples.map(({ prompt, target }, index) => {
      const text = tokenizeExample(tokenizer, frame, prompt, target);
      if (text.ids.length > config.maxPositions) {
        throw new OcelliError(
          'image-text task',
          `example ${index} has ${text.ids.length} tokens, the language model has ${config.maxPositions} positions; ` +
            `shorten it or leave it out`,
        );
      }
      return text;
    });
    this.length = examples.length;
    this.lengths = this.#texts.map(({ ids }) => ids.length);
    this.parameters = adapter.parameters;
    this.recompute = options.recompute;
  }

  async prepare(indices: readonly number[], context: BatchContext): Promise<ImageTextBatch> {
    const { examples, features, adapter } = this.#options;
    const text = this.#arrange(indices.map((index) => this.#texts[index]!));
    const items = indices.map((index) => examples[index]!.item);
    const values = await features(items, context);
    const { layers, tokens } = adapter.features;
    const [batch, actualLayers, actualTokens] = values.shape;
    const fits = values.rank === 4 && batch === items.length && actualLayers === layers;
    if (!fits || (tokens === 'class' && actualTokens !== 1)) {
      values.dispose();
      throw new OcelliError(
        'image-text task',
        `features gave ${formatShape(values.shape)} for ${items.length} items, "${adapter.name}" needs ` +
          `[${items.length}, ${layers}, ${tokens === 'class' ? 1 : 'tokens'}, width]; use encodeFeatures with adapter.features`,
      );
    }
    return { ...text, features: values };
  }

  /**
   * A batch that takes at least the memory of any other: the longest texts that a batch of different examples can have, and
   * as many supervised tokens as the examples with most of them.
   *
   * @param features of as many items as texts: no more than there are examples.
   */
  largestBatch(features: Tensor): ImageTextBatch {
    const longestFirst = [...this.#texts].sort((a, b) => b.ids.length - a.ids.length);
    const mostTargets = this.#texts
      .map(({ ids, targetBegin }) => ids.length - targetBegin)
      .sort((a, b) => b - a);
    const texts = longestFirst.slice(0, features.shape[0]!).map(({ ids }, i) => ({
      ids,
      targetBegin: Math.max(1, ids.length - mostTargets[i]!),
    }));
    return { ...this.#arrange(texts), features };
  }

  /** @param watch hooks that look on, beside the adapter's. */
  loss({ input, rows, targets, features }: ImageTextBatch, watch: HookList = []): Tensor {
    const { languageModel, adapter, reduction = 'mean' } = this.#options;
    const call = {
      input,
      hooks: [...adapter.hooks(features), ...watch],
      logitRows: tensor(rows),
      ...(this.recompute ? { recompute: this.recompute } : {}),
    };
    if (reduction === 'mean') return languageModel.loss(call, tensor(targets));
    const sum = languageModel.loss(call, tensor(targets), { reduction: 'sum' });
    return scale(sum, referenceWeight / features.shape[0]!);
  }

  weight({ features, targets }: ImageTextBatch): number {
    return this.#options.reduction === 'reference' ? features.shape[0]! : targets.length;
  }

  release({ features }: ImageTextBatch): void {
    features.dispose();
  }

  #arrange(texts: readonly TokenizedExample[]): Omit<ImageTextBatch, 'features'> {
    const { languageModel, adapter, lossOn = 'target', pack = true } = this.#options;
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
}
