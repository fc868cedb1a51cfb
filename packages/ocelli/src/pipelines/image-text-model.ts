import type { Adapter } from '@ocelli/adapters';
import { FeatureEncoder, type FeatureEncoderOptions } from './feature-encoder.js';
import { type GenerationOptions, generateTexts } from './generate-texts.js';
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
    const { features } = this.adapter;
    const texts: string[] = [];
    for (let begin = 0; begin < images.length; begin += generationBatch) {
      const end = Math.min(images.length, begin + generationBatch);
      const table = await this.#encoder.encode(images.slice(begin, end).map(imageSource), features, options);
      using batch = table.tensor([...Array(end - begin).keys()], features);
      const parts = { ...this.backbones, adapter: this.adapter };
      texts.push(...(await generateTexts(parts, batch, prompts.slice(begin, end), options)));
    }
    return texts;
  }
}
