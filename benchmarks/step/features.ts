import { encodeFeatures } from '@ocelli/backbones';
import { FeatureCache } from '@ocelli/datasets';
import { type Tensor, tensor } from '@ocelli/ops';
import type { StepModels } from './our-step.js';
import { pictureShape, pictures, pixels } from './pictures.js';
import { epalmConfig } from './settings.js';

/** Gives the features of a batch's pictures, `[batch, layers, 1, width]`; the caller frees them. */
export type Features = () => Promise<Tensor>;

const request = { layers: epalmConfig.features, tokens: 'class' } as const;

/** Runs the encoder each time. */
export function encodedFeatures({ encoder }: StepModels, batch: number): Features {
  const values = pixels(batch);
  return async () => {
    using input = tensor(values, [batch, ...pictureShape]);
    return encodeFeatures(encoder, input, request);
  };
}

/** The features of every picture, in memory and in the feature cache of the product. */
export interface KnownFeatures {
  /** `[batch, layers, 1, width]`; batches that are larger see pictures again. */
  values(batch: number): Float32Array;
  shape(batch: number): readonly number[];
  /** Reads the cache on disk each time. */
  cached(batch: number): Features;
  close(): Promise<void>;
}

/** Runs the encoder once over all pictures and fills a feature cache in `directory`. */
export async function encodePictures(models: StepModels, directory: string): Promise<KnownFeatures> {
  const each = [request.layers, 1, models.encoder.config.width];
  const size = each.reduce((product, extent) => product * extent, 1);
  const key = (item: number): string => `picture ${item % pictures}`;
  const encoded = await encodedFeatures(models, pictures)();
  const all = await encoded.data();
  encoded.dispose();
  const cache = await FeatureCache.open(directory);
  for (let item = 0; item < pictures; item++)
    await cache.put(key(item), all.slice(item * size, (item + 1) * size) as Float32Array, each);
  const gather = (records: readonly ArrayLike<number>[]): Float32Array => {
    const values = new Float32Array(records.length * size);
    for (const [index, record] of records.entries()) values.set(record, index * size);
    return values;
  };
  const items = (batch: number): number[] => Array.from({ length: batch }, (_, index) => index % pictures);
  return {
    values: (batch) => gather(items(batch).map((item) => all.slice(item * size, (item + 1) * size))),
    shape: (batch) => [batch, ...each],
    cached: (batch) => async () => {
      const found = await cache.getMany(items(batch).map(key));
      const records = found.map((features) => {
        if (!features) throw new Error('[step] the feature cache lost a record');
        return features.data;
      });
      return tensor(gather(records), [batch, ...each]);
    },
    close: () => cache.close(),
  };
}
