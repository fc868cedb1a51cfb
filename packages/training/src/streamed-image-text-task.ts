import type { Tensor } from '@ocelli/ops';
import {
  arrangeTexts,
  batchWeight,
  checkFeatures,
  checkLength,
  type ImageTextBatch,
  type ImageTextSettings,
  imageTextLoss,
} from './image-text-batch.js';
import type { BatchContext, OrderContext, TrainingParameter, TrainingTask } from './task.js';
import { type TextFrame, type TextTokenizer, textFrame, tokenizeExample } from './tokenize-example.js';

/** The texts of a batch and what is seen or heard with them. */
export interface StreamedExamples {
  /** Questions with their answers, or captions with an empty prompt. `name` is for messages. */
  readonly texts: readonly { readonly prompt: string; readonly target: string; readonly name: string }[];
  /** `[texts, layers, tokens, width]` as `adapter.features` asks for them. The task frees the tensor. */
  readonly features: Tensor;
}

/** What a streamed task is made of. */
export interface StreamedImageTextTaskOptions extends ImageTextSettings {
  /** Number of examples. */
  readonly length: number;
  /**
   * Reads these examples; what cannot be read may be left out, but not all. Whatever is drawn at random comes from
   * `context.random`.
   */
  read(indices: readonly number[], context: BatchContext): Promise<StreamedExamples>;
  /** Their order, as `TrainingTask.batches`. */
  batches(context: OrderContext): Iterator<readonly number[]>;
  readonly tokenizer: TextTokenizer;
  /** The token between a prompt and its answer. Default: `textFrame`'s. */
  readonly separator?: string;
}

/**
 * `ImageTextTask` for examples that are read when they are needed: what it keeps in memory does not grow with their number.
 */
export class StreamedImageTextTask implements TrainingTask<ImageTextBatch> {
  readonly length: number;
  readonly parameters: ReadonlyMap<string, TrainingParameter>;
  readonly #options: StreamedImageTextTaskOptions;
  readonly #frame: TextFrame;

  constructor(options: StreamedImageTextTaskOptions) {
    const { languageModel, tokenizer, separator } = options;
    this.#options = options;
    this.#frame = textFrame(tokenizer, languageModel.config, separator);
    this.length = options.length;
    this.parameters = options.adapter.parameters;
  }

  batches(context: OrderContext): Iterator<readonly number[]> {
    return this.#options.batches(context);
  }

  async prepare(indices: readonly number[], context: BatchContext): Promise<ImageTextBatch> {
    const { tokenizer, languageModel, adapter } = this.#options;
    const { texts, features } = await this.#options.read(indices, context);
    checkFeatures(features, texts.length, adapter);
    try {
      const tokenized = texts.map(({ prompt, target, name }) => {
        const text = tokenizeExample(tokenizer, this.#frame, prompt, target);
        checkLength(text, languageModel, name);
        return text;
      });
      return { ...arrangeTexts(tokenized, this.#options), features };
    } catch (error) {
      features.dispose();
      throw error;
    }
  }

  loss(batch: ImageTextBatch): Tensor {
    return imageTextLoss(batch, this.#options);
  }

  weight(batch: ImageTextBatch): number {
    return batchWeight(batch, this.#options.reduction);
  }

  release({ features }: ImageTextBatch): void {
    features.dispose();
  }
}
