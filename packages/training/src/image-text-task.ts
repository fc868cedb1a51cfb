import type { HookList, RecomputedLayers } from '@ocelli/backbones';
import { OcelliError, type Tensor } from '@ocelli/ops';
import {
  arrangeTexts,
  batchWeight,
  checkFeatures,
  checkLength,
  type ImageTextBatch,
  type ImageTextSettings,
  imageTextLoss,
} from './image-text-batch.js';
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
export interface ImageTextTaskOptions extends ImageTextSettings {
  readonly examples: readonly ImageTextExample[];
  /**
   * The encoder's features of these items, `[items, layers, tokens, width]` as `adapter.features` asks for them. The
   * task frees the tensor. Augmentation draws from `context.random`.
   */
  readonly features: (items: readonly number[], context: BatchContext) => Promise<Tensor>;
  readonly tokenizer: TextTokenizer;
  /** The token between a prompt and its answer. Default: `textFrame`'s. */
  readonly separator?: string;
}

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
      checkLength(text, languageModel, `example ${index}`);
      return text;
    });
    this.length = examples.length;
    this.lengths = this.#texts.map(({ ids }) => ids.length);
    this.parameters = adapter.parameters;
    this.recompute = options.recompute;
  }

  async prepare(indices: readonly number[], context: BatchContext): Promise<ImageTextBatch> {
    const { examples, features, adapter } = this.#options;
    const text = arrangeTexts(
      indices.map((index) => this.#texts[index]!),
      this.#options,
    );
    const items = indices.map((index) => examples[index]!.item);
    const values = await features(items, context);
    checkFeatures(values, items.length, adapter);
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
    return { ...arrangeTexts(texts, this.#options), features };
  }

  /** @param watch hooks that look on, beside the adapter's. */
  loss(batch: ImageTextBatch, watch: HookList = []): Tensor {
    return imageTextLoss(batch, { ...this.#options, recompute: this.recompute }, watch);
  }

  weight(batch: ImageTextBatch): number {
    return batchWeight(batch, this.#options.reduction);
  }

  release({ features }: ImageTextBatch): void {
    features.dispose();
  }
}
