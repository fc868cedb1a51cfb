import type { Encoder, FeatureRequest } from '@ocelli/backbones';
import type { FeatureCache, Sample } from '@ocelli/datasets';
import type { WeightType } from '@ocelli/ops';
import type { DataConfig } from '../config/read-config.js';
import type { TrainingConfig } from '../config/schema.js';
import { openData } from '../data/open-data.js';
import { addCounts, describeHits, type EncodeCounts, noCounts } from '../pipelines/encode-counts.js';
import type { EncoderInput } from '../pipelines/encoder-input.js';
import { FeatureEncoder } from '../pipelines/feature-encoder.js';
import type { ProgressReporter } from '../progress/progress-reporter.js';

/** A data set whose features are wanted. */
export interface EncodeSet {
  /** Where it is named, such as `data.train`. */
  readonly place: string;
  readonly data: DataConfig;
  /** Encodes so many varied versions in place of media as they are. */
  readonly augmentation?: TrainingConfig['augmentation'];
}

/** What encodes, and where features go. The caller frees both. */
export interface EncodeParts {
  readonly encoder: Encoder;
  readonly input: EncoderInput;
  /** How the encoder's weights are kept. */
  readonly dtype: WeightType;
  readonly request: FeatureRequest;
  readonly cache: FeatureCache;
}

/** How an encoding is told of and stopped. */
export interface EncodeOptions {
  readonly reporter: ProgressReporter;
  /** What media do that cannot be read: end the encoding, or be named and left out. */
  readonly broken: 'stop' | 'skip';
  /** Called with facts that a person wants to know. */
  readonly onMessage?: (message: string) => void;
  /** Stops between batches; what is in the cache stays there. */
  readonly signal?: AbortSignal;
}

/** What became of one data set. Hits and computed count features: `samples` times `versions`, without what is broken. */
export interface EncodedSet extends EncodeCounts {
  readonly place: string;
  readonly samples: number;
  readonly versions: number;
}

/** What became of all data sets. */
export interface EncodeSummary extends EncodeCounts {
  /** Folder of the cache. */
  readonly directory: string;
  readonly samples: number;
  /** Of the cache on disk, with what was there before. */
  readonly bytes: number;
  readonly seconds: number;
  readonly sets: readonly EncodedSet[];
}

/** Media that are read, encoded and written together, and then let go. */
const batchSize = 32;

/**
 * Puts the features of data sets into a cache, those that are not there yet. Memory does not grow with the data: a batch is
 * let go before the next is read.
 */
export async function encodeSets(
  parts: EncodeParts,
  sets: readonly EncodeSet[],
  options: EncodeOptions,
): Promise<EncodeSummary> {
  const begin = performance.now();
  const encoded: EncodedSet[] = [];
  for (const set of sets) encoded.push(await encodeSet(parts, set, options));
  return {
    directory: parts.cache.directory,
    samples: encoded.reduce((sum, { samples }) => sum + samples, 0),
    ...encoded.reduce(addCounts, noCounts),
    bytes: await parts.cache.bytes(),
    seconds: (performance.now() - begin) / 1000,
    sets: encoded,
  };
}

async function encodeSet(
  { encoder, input, request, ...rest }: EncodeParts,
  { place, data, augmentation }: EncodeSet,
  options: EncodeOptions,
): Promise<EncodedSet> {
  const dataset = await openData(data, encoder.config);
  const inputs = augmentation
    ? Array.from({ length: augmentation.versions }, (_, version) =>
        input.augmented({ version, flip: augmentation.flip }),
      )
    : [input];
  const encoders = inputs.map((one) => new FeatureEncoder({ ...rest, encoder, input: one, batchSize }));
  let [samples, counts] = [0, noCounts];
  const result = (): EncodedSet => ({ place, samples, versions: encoders.length, ...counts });
  if (dataset.length === 0) return result();
  const stage = options.reporter.stage(`features of ${place}`, dataset.length * encoders.length);

  /** Every version of a batch before the next batch is read; what is broken is named and counted once. */
  const encodeBatch = async (batch: readonly Sample[]): Promise<void> => {
    let whole = batch;
    for (const each of encoders) {
      const broken = new Set<Sample>();
      const media = whole.map((sample) => sample.media);
      await each.encode(media, request, {
        onProgress: (_done, _total, own) => {
          counts = addCounts(counts, own); // called once: the batch is one of the encoder's
        },
        ...(options.broken === 'skip' && {
          onBroken: (item: number, error: Error) => {
            broken.add(whole[item]!);
            options.onMessage?.(`${place}: ${whole[item]!.id} is left out: ${error.message}`);
          },
        }),
        ...(options.signal && { signal: options.signal }),
      });
      whole = whole.filter((sample) => !broken.has(sample));
    }
    samples += batch.length;
    stage.update(samples * encoders.length, describeHits(counts));
  };

  try {
    let batch: Sample[] = [];
    for await (const sample of dataset) {
      batch.push(sample);
      if (batch.length < batchSize) continue;
      await encodeBatch(batch);
      batch = [];
    }
    if (batch.length > 0) await encodeBatch(batch);
  } finally {
    stage.finish();
  }
  return result();
}
