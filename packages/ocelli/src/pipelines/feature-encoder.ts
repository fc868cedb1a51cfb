import { type Encoder, encodeFeatures, type FeatureRequest } from '@ocelli/backbones';
import { DatasetError, type FeatureCache, featureKey, type Media } from '@ocelli/datasets';
import { device, dryRun, empty, noGrad, tensor, type WeightType } from '@ocelli/ops';
import { addCounts, type EncodeCounts, noCounts } from './encode-counts.js';
import type { EncoderInput } from './encoder-input.js';
import { FeatureTable } from './feature-table.js';
import { inParallel } from './in-parallel.js';
import type { MediaReading } from './media-reading.js';
import { joined, meansOf, type PreparedMedia, partsOf } from './prepared-media.js';

/** What an encoder with what stands before it is given to work with. */
export interface FeatureEncoderOptions {
  readonly encoder: Encoder;
  readonly input: EncoderInput;
  /** How the encoder's weights are kept, since its features differ with it. Default `float32`. */
  readonly dtype?: WeightType;
  /** Where features are kept between runs. Default: nowhere. */
  readonly cache?: FeatureCache;
  /** Pictures (or videos, or recordings) that the encoder takes at once. Default 32. */
  readonly batchSize?: number;
}

/** What may be said about a longer encoding. */
export interface EncodeProgress {
  /** Called as media are done, those from the cache too, with what became of them so far. */
  readonly onProgress?: (done: number, total: number, counts: EncodeCounts) => void;
  /** Called for what is broken, which then has no features. Default: what is broken ends the encoding. */
  readonly onBroken?: (item: number, error: DatasetError) => void;
  readonly signal?: AbortSignal;
}

/**
 * Turns pictures, videos and sound into the features that adapters read, each once: a frozen encoder always gives the same. For
 * class tokens all blocks are kept, so adapters that differ in how many they read share a cache.
 */
export class FeatureEncoder {
  readonly #encoder: Encoder;
  readonly #input: EncoderInput;
  readonly #dtype: WeightType;
  readonly #cache: FeatureCache | undefined;
  readonly #batchSize: number;

  constructor({ encoder, input, dtype = 'float32', cache, batchSize = 32 }: FeatureEncoderOptions) {
    this.#encoder = encoder;
    this.#input = input;
    this.#dtype = dtype;
    this.#cache = cache;
    this.#batchSize = batchSize;
  }

  /**
   * Features of pictures, videos or sound, computed in batches or read from the cache.
   *
   * @returns a table of `[media, layers, tokens, width]` that serves this request, and for class tokens any number of
   *   layers.
   */
  async encode(
    media: readonly Media[],
    request: FeatureRequest,
    progress: EncodeProgress = {},
  ): Promise<FeatureTable> {
    const stored = this.#stored(request);
    const { width, tokens } = this.#encoder.config;
    const table = new FeatureTable(
      media.length,
      stored.layers,
      stored.tokens === 'class' ? 1 : tokens,
      width,
    );
    let counts = noCounts;
    for (let begin = 0; begin < media.length; begin += this.#batchSize) {
      progress.signal?.throwIfAborted();
      const batch = media.slice(begin, begin + this.#batchSize);
      counts = addCounts(counts, await this.#encodeInto(table, begin, batch, stored, progress));
      progress.onProgress?.(begin + batch.length, media.length, counts);
    }
    return table;
  }

  /** Bytes that `encode` would take: on the device beside the weights, if nothing is cached, and for its table. */
  plan(items: number, request: FeatureRequest): { readonly encoding: number; readonly table: number } {
    const stored = this.#stored(request);
    const { width, tokens, inputShape } = this.#encoder.config;
    const size = stored.layers * (stored.tokens === 'class' ? 1 : tokens) * width;
    const encoding = dryRun(() => {
      const before = device.memory().allocated;
      device.resetPeakMemory();
      using pixels = empty([Math.min(items, this.#batchSize), ...inputShape]);
      noGrad(() => encodeFeatures(this.#encoder, pixels, stored)).dispose();
      return device.memory().peak - before;
    });
    return { encoding, table: items * size * Float32Array.BYTES_PER_ELEMENT };
  }

  async #encodeInto(
    table: FeatureTable,
    begin: number,
    media: readonly Media[],
    stored: FeatureRequest,
    progress: EncodeProgress,
  ): Promise<EncodeCounts> {
    const readings = media.map((each) => this.#input.of(each));
    let [broken, computed] = [0, 0];
    const attempt = async <Result>(
      indices: readonly number[],
      action: () => Promise<Result>,
    ): Promise<Result | null> => {
      try {
        return await action();
      } catch (error) {
        if (!progress.onBroken || !(error instanceof DatasetError)) throw error;
        broken += indices.length;
        for (const index of indices) progress.onBroken(begin + index, error);
        return null;
      }
    };
    const cache = this.#cache;
    const keys = cache
      ? await inParallel(readings, (reading, index) => attempt([index], () => this.#key(reading, stored)))
      : readings.map((_, index) => String(index));
    /** Places of each key: what a batch has twice is computed once. */
    const places = new Map<string, number[]>();
    for (const [index, key] of keys.entries())
      if (key !== null) places.set(key, [...(places.get(key) ?? []), index]);
    const missing = new Map(places);
    if (cache) {
      const found = await this.#lookUp(cache, [...places.keys()]);
      for (const [key, features] of found) {
        for (const index of places.get(key)!) table.set(begin + index, features);
        missing.delete(key);
      }
    }
    const prepared = await inParallel([...missing], ([key, indices]) =>
      attempt(indices, async () => ({
        key,
        indices,
        ...(await readings[indices[0]!]!.read(progress.signal)),
      })),
    );
    const kept: Promise<boolean>[] = [];
    for (const part of partsOf(
      prepared.filter((each) => each !== null),
      this.#batchSize,
    )) {
      const features = await this.#compute(part, stored);
      for (const [place, { key, indices }] of part.entries()) {
        const values = cache?.asKept(features[place]!) ?? features[place]!;
        for (const index of indices) table.set(begin + index, values);
        computed++;
        if (!cache) continue;
        const put = cache.put(key, values, table.itemShape);
        put.catch(() => undefined); // awaited below, and may fail while the next part is computed
        kept.push(put);
      }
    }
    const unkept = (await Promise.all(kept)).filter((isKept) => !isKept).length;
    return { hits: media.length - computed - broken, computed, broken, unkept };
  }

  /** What of these keys a cache has, with what other processes have written until now. */
  async #lookUp(cache: FeatureCache, keys: readonly string[]): Promise<Map<string, Float32Array>> {
    if (!keys.every((key) => cache.has(key))) await cache.refresh();
    const found = await cache.getMany(keys);
    return new Map(keys.flatMap((key, place) => (found[place] ? [[key, found[place].data]] : [])));
  }

  /** The features of each of some prepared media, averaged over its rows. */
  async #compute(media: readonly PreparedMedia[], stored: FeatureRequest): Promise<Float32Array[]> {
    const { rows, data } = joined(media);
    using input = tensor(data, [rows, ...this.#encoder.config.inputShape]);
    using features = noGrad(() => encodeFeatures(this.#encoder, input, stored));
    return meansOf((await features.data()) as Float32Array, media);
  }

  async #key(reading: MediaReading, { layers, tokens }: FeatureRequest): Promise<string> {
    const weights = this.#dtype === 'float32' ? '' : `/${this.#dtype}`;
    return featureKey({
      encoder: `${this.#encoder.fingerprint}${weights}/${tokens}-${layers}`,
      ...(await reading.key()),
    });
  }

  #stored(request: FeatureRequest): FeatureRequest {
    return request.tokens === 'class' ? { layers: this.#encoder.config.layers, tokens: 'class' } : request;
  }
}
