import type { FeatureRequest } from '@ocelli/backbones';
import { type EmojiSample, emojiScenes, type Split } from '@ocelli/emoji-scenes';
import type { EncodeProgress, FeatureEncoder } from '../pipelines/feature-encoder.js';
import type { FeatureTable } from '../pipelines/feature-table.js';
import type { DemoSettings } from './settings.js';

/** One split of the emoji scenes with the features of its pictures, which are encoded when first asked for. */
export class SplitData {
  readonly split: Split;
  readonly samples: readonly EmojiSample[];
  readonly #encoder: FeatureEncoder;
  readonly #tables = new Map<string, FeatureTable>();

  constructor(split: Split, samples: readonly EmojiSample[], encoder: FeatureEncoder) {
    this.split = split;
    this.samples = samples;
    this.#encoder = encoder;
  }

  /** A table that serves the request; one for all requests of class tokens. */
  async features(request: FeatureRequest, progress: EncodeProgress = {}): Promise<FeatureTable> {
    const key = request.tokens === 'class' ? 'class' : `all-${request.layers}`;
    let table = this.#tables.get(key);
    if (!table) {
      const media = this.samples.map((sample) => sample.media);
      table = await this.#encoder.encode(media, request, progress);
      this.#tables.set(key, table);
    }
    return table;
  }
}

/** All that the demo reads: the training pictures and the held-out splits. */
export interface DemoData {
  readonly train: SplitData;
  readonly heldOut: readonly SplitData[];
}

/**
 * Opens the splits. Pictures are drawn at the encoder's own size, so that nothing is lost by resizing.
 *
 * @param imageSize side in pixels.
 */
export async function openDemoData(
  settings: DemoSettings,
  splits: readonly Split[],
  encoder: FeatureEncoder,
  imageSize: number,
): Promise<DemoData> {
  const open = async (split: Split, size: number): Promise<SplitData> => {
    const dataset = emojiScenes({ split, concepts: settings.concepts, size, imageSize });
    const samples: EmojiSample[] = [];
    for await (const sample of dataset) samples.push(sample);
    return new SplitData(split, samples, encoder);
  };
  return {
    train: await open('train', settings.trainPictures),
    heldOut: await Promise.all(splits.map((split) => open(split, settings.heldOutPictures))),
  };
}
