import type { Adapter } from '@ocelli/adapters';
import type { DatasetError } from '@ocelli/datasets';
import type { Tensor } from '@ocelli/ops';
import { type EncodeCounts, noCounts } from './encode-counts.js';
import { type EncodeProgress, FeatureEncoder, type FeatureEncoderOptions } from './feature-encoder.js';
import type { FeatureTable } from './feature-table.js';
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
import { type MediaInput, mediaOf } from './media-input.js';
import type { Backbones } from './open-backbones.js';

/** A question about a picture, a video or sound. */
export interface MediaQuestion {
  readonly media: MediaInput;
  readonly question: string;
}

/** How many texts are generated. */
export interface ManyTextsOptions extends GenerationOptions {
  /** Called for what cannot be read, whose text is then empty. Default: what is broken ends the generation. */
  readonly onBroken?: ((item: number, error: DatasetError) => void) | undefined;
  /** Called when the features of so many are there that text is generated at once, with what became of those. */
  readonly onEncoded?: ((counts: EncodeCounts) => void) | undefined;
}

/** Most media whose text is generated at once. */
const generationBatch = 64;

/**
 * A frozen language model that sees or hears: two frozen backbones and the adapter between them. What it takes follows from
 * its encoder, see `EncoderInput`.
 */
export class ImageTextModel {
  readonly backbones: Backbones;
  readonly adapter: Adapter;
  readonly #encoder: FeatureEncoder;

  /** Use `openModel` for a saved adapter. The model owns both arguments: `dispose` frees them. */
  constructor(
    backbones: Backbones,
    adapter: Adapter,
    options: Omit<FeatureEncoderOptions, 'encoder' | 'input'> = {},
  ) {
    this.backbones = backbones;
    this.adapter = adapter;
    this.#encoder = new FeatureEncoder({ ...backbones, ...options });
  }

  /** A caption of one picture, video or recording. */
  async caption(media: MediaInput, options: GenerationOptions = {}): Promise<string> {
    return (await this.captions([media], options))[0]!;
  }

  /** Captions of many, in their order; each as if it were the only one. */
  captions(media: readonly MediaInput[], options: ManyTextsOptions = {}): Promise<string[]> {
    return this.#generate(
      media,
      media.map(() => ''),
      options,
    );
  }

  /** The answer to a question about a picture, a video or sound. */
  async answer(media: MediaInput, question: string, options: GenerationOptions = {}): Promise<string> {
    return (await this.answers([{ media, question }], options))[0]!;
  }

  /** Answers to many questions, in their order. */
  answers(questions: readonly MediaQuestion[], options: ManyTextsOptions = {}): Promise<string[]> {
    return this.#generate(
      questions.map(({ media }) => media),
      questions.map(({ question }) => question),
      options,
    );
  }

  /**
   * The answer to a question, or a caption for an empty question, in pieces as they become certain.
   */
  async *stream(
    media: MediaInput,
    question: string,
    options: StreamingOptions = {},
  ): AsyncGenerator<string, void> {
    using features = await this.#features([media], options);
    yield* streamGeneratedText(this.#parts, features, question, options);
  }

  /** Ranks a closed list of answers to a question by their likelihood, the best first. */
  async rank(
    media: MediaInput,
    question: string,
    answers: readonly string[],
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<RankedText[]> {
    using features = await this.#features([media], options);
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
    media: readonly MediaInput[],
    prompts: readonly string[],
    { onBroken, onEncoded, ...options }: ManyTextsOptions,
  ): Promise<string[]> {
    const texts = media.map(() => '');
    for (let begin = 0; begin < media.length; begin += generationBatch) {
      const end = Math.min(media.length, begin + generationBatch);
      let counts = noCounts;
      const table = await this.#encode(media.slice(begin, end), {
        ...options,
        ...(onBroken && { onBroken: (item: number, error: DatasetError) => onBroken(begin + item, error) }),
        onProgress: (_done, _total, soFar) => {
          counts = soFar;
        },
      });
      onEncoded?.(counts);
      const whole = [...Array(end - begin).keys()].filter((item) => table.has(item));
      if (whole.length === 0) continue;
      using features = table.tensor(whole, this.adapter.features);
      const part = optionsOfPart(options, begin);
      const asked = whole.map((item) => prompts[begin + item]!);
      const generated = await generateTexts(this.#parts, features, asked, part);
      for (const [place, item] of whole.entries()) texts[begin + item] = generated[place]!;
    }
    return texts;
  }

  get #parts(): Generator {
    return { ...this.backbones, adapter: this.adapter };
  }

  /** What the adapter reads of some media; the caller frees it. */
  async #features(media: readonly MediaInput[], options: { readonly signal?: AbortSignal }): Promise<Tensor> {
    const table = await this.#encode(media, options);
    return table.tensor([...media.keys()], this.adapter.features);
  }

  async #encode(media: readonly MediaInput[], progress: EncodeProgress): Promise<FeatureTable> {
    return this.#encoder.encode(await Promise.all(media.map(mediaOf)), this.adapter.features, progress);
  }
}
