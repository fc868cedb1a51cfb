import type { Adapter } from '@ocelli/adapters';
import type { Tensor } from '@ocelli/ops';
import { FeatureEncoder, type FeatureEncoderOptions } from './feature-encoder.js';
import {
  type GenerationOptions,
  type Generator,
  generateTexts,
  optionsOfPart,
  type RankedText,
  rankTexts,
  type StreamingOptions,
  streamGeneratedText,
} from './generate-texts.js';
import { type ImageInput, imageSource } from './image-input.js';
import type { Backbones } from './open-backbones.js';

/** A question about a picture. */
export interface ImageQuestion {
  readonly image: ImageInput;
  readonly question: string;
}

/** Most pictures whose text is generated at once. */
const generationBatch = 64;

/** A frozen language model that sees: two frozen backbones and the adapter between them. */
export class ImageTextModel {
  readonly backbones: Backbones;
  readonly adapter: Adapter;
  readonly #encoder: FeatureEncoder;

  /** Use `openModel` for a saved adapter. The model owns both arguments: `dispose` frees them. */
  constructor(
    backbones: Backbones,
    adapter: Adapter,
    options: Omit<FeatureEncoderOptions, 'encoder' | 'processor'> = {},
  ) {
    this.backbones = backbones;
    this.adapter = adapter;
    this.#encoder = new FeatureEncoder({ ...backbones, ...options });
  }

  /** A caption of one picture. */
  async caption(image: ImageInput, options: GenerationOptions = {}): Promise<string> {
    return (await this.captions([image], options))[0]!;
  }

  /** Captions of many pictures, in their order; each as if it were the only one. */
  captions(images: readonly ImageInput[], options: GenerationOptions = {}): Promise<string[]> {
    return this.#generate(
      images,
      images.map(() => ''),
      options,
    );
  }

  /** The answer to a question about a picture. */
  async answer(image: ImageInput, question: string, options: GenerationOptions = {}): Promise<string> {
    return (await this.answers([{ image, question }], options))[0]!;
  }

  /** Answers to many questions, in their order. */
  answers(questions: readonly ImageQuestion[], options: GenerationOptions = {}): Promise<string[]> {
    return this.#generate(
      questions.map(({ image }) => image),
      questions.map(({ question }) => question),
      options,
    );
  }

  /**
   * The answer to a question about a picture, or its caption for an empty question, in pieces as they become certain.
   */
  async *stream(
    image: ImageInput,
    question: string,
    options: StreamingOptions = {},
  ): AsyncGenerator<string, void> {
    using features = await this.#features([image], options);
    yield* streamGeneratedText(this.#parts, features, question, options);
  }

  /** Ranks a closed list of answers to a question about a picture by their likelihood, the best first. */
  async rank(
    image: ImageInput,
    question: string,
    answers: readonly string[],
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<RankedText[]> {
    using features = await this.#features([image], options);
    return (await rankTexts(this.#parts, features, [question], answers, options))[0]!;
  }

  /** Frees the adapter and the backbones. */
  dispose(): void {
    this.adapter.dispose();
    this.backbones.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  async #generate(
    images: readonly ImageInput[],
    prompts: readonly string[],
    options: GenerationOptions,
  ): Promise<string[]> {
    const texts: string[] = [];
    for (let begin = 0; begin < images.length; begin += generationBatch) {
      const end = Math.min(images.length, begin + generationBatch);
      using features = await this.#features(images.slice(begin, end), options);
      const part = optionsOfPart(options, begin);
      texts.push(...(await generateTexts(this.#parts, features, prompts.slice(begin, end), part)));
    }
    return texts;
  }

  get #parts(): Generator {
    return { ...this.backbones, adapter: this.adapter };
  }

  /** What the adapter reads of some pictures; the caller frees it. */
  async #features(
    images: readonly ImageInput[],
    options: { readonly signal?: AbortSignal },
  ): Promise<Tensor> {
    const { features } = this.adapter;
    const table = await this.#encoder.encode(images.map(imageSource), features, options);
    return table.tensor([...images.keys()], features);
  }
}
