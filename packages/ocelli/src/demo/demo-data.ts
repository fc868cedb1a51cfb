import type { FeatureRequest } from '@ocelli/backbones';
import type { EncodeProgress, FeatureEncoder } from '../pipelines/feature-encoder.js';
import type { FeatureTable } from '../pipelines/feature-table.js';
import type { DemoModality, DemoSample } from './modality.js';
import type { DemoSettings } from './settings.js';

/** What a method is given of a sample: the sample itself, its middle frame standing still, or nothing (zeros). */
export type Given = 'all' | 'still' | 'nothing';

/** One split of the demo's data with the features of its samples, which are encoded when first asked for. */
export class SplitData {
  readonly split: string;
  readonly samples: readonly DemoSample[];
  readonly #stills: readonly DemoSample[];
  readonly #encoder: FeatureEncoder;
  readonly #tables = new Map<string, FeatureTable>();

  /** @param stills the same samples standing still, or none where there are no such. */
  constructor(
    split: string,
    samples: readonly DemoSample[],
    stills: readonly DemoSample[],
    encoder: FeatureEncoder,
  ) {
    this.split = split;
    this.samples = samples;
    this.#stills = stills;
    this.#encoder = encoder;
  }

  /**
   * A table that serves the request; one for all requests of class tokens. Who is given nothing gets the table of all,
   * for its shape.
   */
  async features(
    request: FeatureRequest,
    given: Given = 'all',
    progress: EncodeProgress = {},
  ): Promise<FeatureTable> {
    const still = given === 'still';
    const key = `${request.tokens === 'class' ? 'class' : `all-${request.layers}`}${still ? ' still' : ''}`;
    let table = this.#tables.get(key);
    if (!table) {
      const media = (still ? this.#stills : this.samples).map((sample) => sample.media);
      table = await this.#encoder.encode(media, request, progress);
      this.#tables.set(key, table);
    }
    return table;
  }
}

/** All that the demo reads: the training samples and the held-out splits. */
export interface DemoData {
  readonly train: SplitData;
  readonly heldOut: readonly SplitData[];
}

/** What is opened of a modality's data. */
export interface DemoDataOptions {
  readonly settings: DemoSettings;
  /** The held-out splits. */
  readonly splits: readonly string[];
  readonly encoder: FeatureEncoder;
  /** Of pictures and frames in pixels: the encoder's own, so that nothing is lost by resizing. */
  readonly side: number;
  /** Whether samples that stand still are wanted too. */
  readonly stills: boolean;
}

/** Opens the splits of a modality. */
export async function openDemoData(
  modality: DemoModality,
  { settings, splits, encoder, side, stills }: DemoDataOptions,
): Promise<DemoData> {
  const open = async (split: string, size: number): Promise<SplitData> => {
    const asked = { split, concepts: settings.concepts, size, side };
    return new SplitData(
      split,
      await modality.samples(asked),
      stills ? await modality.samples({ ...asked, still: true }) : [],
      encoder,
    );
  };
  return {
    train: await open('train', settings.trainSamples),
    heldOut: await Promise.all(splits.map((split) => open(split, settings.heldOutSamples))),
  };
}
