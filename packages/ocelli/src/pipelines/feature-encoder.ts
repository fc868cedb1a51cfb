import { type Encoder, encodeFeatures, type FeatureRequest, type ImageProcessor } from '@ocelli/backbones';
import { type FeatureCache, featureKey, type ImageSource, loadImage, mediaKey } from '@ocelli/datasets';
import { device, dryRun, empty, noGrad, type Tensor, type WeightType } from '@ocelli/ops';
import { FeatureTable } from './feature-table.js';

/** What an encoder with its image processor is given to work with. */
export interface FeatureEncoderOptions {
  readonly encoder: Encoder;
  readonly processor: ImageProcessor;
  /** How the encoder's weights are kept, since its features differ with it. Default `float32`. */
  readonly dtype?: WeightType;
  /** Where features are kept between runs. Default: nowhere. */
  readonly cache?: FeatureCache;
  /** Pictures that the encoder sees at once. Default 32. */
  readonly batchSize?: number;
}

/** What may be said about a longer encoding. */
export interface EncodeProgress {
  /** Called as pictures are done, those from the cache too. */
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Turns pictures into the features that adapters read, each picture once: a frozen encoder always gives the same. For
 * class tokens all blocks are kept, so adapters that differ in how many they read share a cache.
 */
export class FeatureEncoder {
  readonly #encoder: Encoder;
  readonly #processor: ImageProcessor;
  readonly #dtype: WeightType;
  readonly #cache: FeatureCache | undefined;
  readonly #batchSize: number;

  constructor({ encoder, processor, dtype = 'float32', cache, batchSize = 32 }: FeatureEncoderOptions) {
    this.#encoder = encoder;
    this.#processor = processor;
    this.#dtype = dtype;
    this.#cache = cache;
    this.#batchSize = batchSize;
  }

  /**
   * Features of pictures, computed in batches or read from the cache.
   *
   * @returns a table of `[pictures, layers, tokens, width]` that serves this request, and for class tokens any number of
   *   layers.
   */
  async encode(
    images: readonly ImageSource[],
    request: FeatureRequest,
    { onProgress, signal }: EncodeProgress = {},
  ): Promise<FeatureTable> {
    const stored = this.#stored(request);
    const { width, tokens } = this.#encoder.config;
    const table = new FeatureTable(
      images.length,
      stored.layers,
      stored.tokens === 'class' ? 1 : tokens,
      width,
    );
    for (let begin = 0; begin < images.length; begin += this.#batchSize) {
      signal?.throwIfAborted();
      const batch = images.slice(begin, begin + this.#batchSize);
      await this.#encodeInto(table, begin, batch, stored);
      onProgress?.(begin + batch.length, images.length);
    }
    return table;
  }

  /** Bytes that `encode` would take: on the device beside the weights, if nothing is cached, and for its table. */
  plan(images: number, request: FeatureRequest): { readonly encoding: number; readonly table: number } {
    const stored = this.#stored(request);
    const { width, tokens, inputShape } = this.#encoder.config;
    const size = stored.layers * (stored.tokens === 'class' ? 1 : tokens) * width;
    const encoding = dryRun(() => {
      const before = device.memory().allocated;
      device.resetPeakMemory();
      using pixels = empty([Math.min(images, this.#batchSize), ...inputShape]);
      noGrad(() => encodeFeatures(this.#encoder, pixels, stored)).dispose();
      return device.memory().peak - before;
    });
    return { encoding, table: images * size * Float32Array.BYTES_PER_ELEMENT };
  }

  async #encodeInto(
    table: FeatureTable,
    begin: number,
    images: readonly ImageSource[],
    stored: FeatureRequest,
  ): Promise<void> {
    const keys = this.#cache ? await Promise.all(images.map((image) => this.#key(image, stored))) : [];
    const found = (await this.#cache?.getMany(keys)) ?? [];
    const missing: number[] = [];
    for (const index of images.keys()) {
      const features = found[index];
      if (features) table.set(begin + index, features.data);
      else missing.push(index);
    }
    if (missing.length === 0) return;
    const pixels = await Promise.all(missing.map((index) => loadImage(images[index]!)));
    using batch = await this.#processor.processBatch(pixels);
    const data = await this.#compute(batch, stored);
    const size = data.length / missing.length;
    const kept: Promise<void>[] = [];
    for (const [row, index] of missing.entries()) {
      const values = data.slice(row * size, (row + 1) * size);
      table.set(begin + index, values);
      if (this.#cache) kept.push(this.#cache.put(keys[index]!, values, table.itemShape));
    }
    await Promise.all(kept);
  }

  async #compute(pixels: Tensor, stored: FeatureRequest): Promise<Float32Array> {
    using features = noGrad(() => encodeFeatures(this.#encoder, pixels, stored));
    return await features.data();
  }

  async #key(image: ImageSource, { layers, tokens }: FeatureRequest): Promise<string> {
    const weights = this.#dtype === 'float32' ? '' : `/${this.#dtype}`;
    return featureKey({
      encoder: `${this.#encoder.fingerprint}${weights}/${tokens}-${layers}`,
      processor: this.#processor.fingerprint,
      media: await mediaKey(image),
    });
  }

  #stored(request: FeatureRequest): FeatureRequest {
    return request.tokens === 'class' ? { layers: this.#encoder.config.layers, tokens: 'class' } : request;
  }
}
