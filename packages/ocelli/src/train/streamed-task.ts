import type { Adapter } from '@ocelli/adapters';
import { batches, type Dataset, DatasetError, type FeatureCache, type Sample } from '@ocelli/datasets';
import { OcelliError, type Tensor } from '@ocelli/ops';
import { type BatchContext, type StreamedExamples, StreamedImageTextTask } from '@ocelli/training';
import type { OcelliConfig } from '../config/read-config.js';
import { exampleOptions, examplesOf, type TextExampleOptions } from '../data/text-examples.js';
import { FeatureEncoder } from '../pipelines/feature-encoder.js';
import { FeatureTable } from '../pipelines/feature-table.js';
import type { Backbones } from '../pipelines/open-backbones.js';

/** What a streamed task is made of. */
export interface StreamedTaskParts {
  readonly config: OcelliConfig;
  readonly backbones: Backbones;
  readonly adapter: Adapter;
  /** Default: features are computed anew whenever they are needed. */
  readonly cache?: FeatureCache | null;
  readonly recompute?: ReadonlySet<number>;
  readonly onMessage?: ((message: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Broken samples that are named; then no more, so that memory stays bounded. */
const mostNamed = 1000;

/**
 * A task that reads samples, encodes their media and tokenises their texts when a batch needs them: memory does not grow with
 * the data set. An epoch takes each sample once, with one of its captions or questions, drawn anew in each epoch. The order is
 * the data set's (`windowedOrder` for one that is read in runs).
 *
 * @param place of the data in the configuration, for messages.
 * @param augmentation how many versions of each sample's media there are to draw from. Default: media as they are.
 */
export function streamedTask(
  parts: StreamedTaskParts,
  dataset: Dataset,
  place: string,
  augmentation?: OcelliConfig['training']['augmentation'],
): StreamedImageTextTask {
  const { config, backbones, adapter, recompute } = parts;
  const { answerToken } = config.inputs;
  const reader = new SampleReader(parts, dataset, exampleOptions(config, place), augmentation);
  return new StreamedImageTextTask({
    length: dataset.length,
    read: (indices, context) => reader.read(indices, context),
    batches: (context) => indicesOf(batches(dataset.length, withRuns(context, dataset))),
    languageModel: backbones.languageModel,
    tokenizer: backbones.tokenizer,
    adapter,
    lossOn: config.training.lossOn,
    reduction: config.training.loss,
    recompute,
    ...(answerToken === undefined ? {} : { separator: answerToken }),
  });
}

function withRuns<Context>(context: Context, { runs }: Dataset): Context & Pick<Dataset, 'runs'> {
  return { ...context, ...(runs && { runs }) };
}

function* indicesOf(all: ReturnType<typeof batches>): Generator<readonly number[]> {
  for (const { indices } of all) yield indices;
}

/** A text of a sample, with its media and which version of them. */
interface Drawn {
  readonly sample: Sample;
  readonly prompt: string;
  readonly target: string;
  readonly version: number;
}

class SampleReader {
  readonly #parts: StreamedTaskParts;
  readonly #dataset: Dataset;
  readonly #options: TextExampleOptions;
  /** One for each version of the media. */
  readonly #encoders: readonly FeatureEncoder[];
  readonly #named = new Set<string>();

  constructor(
    parts: StreamedTaskParts,
    dataset: Dataset,
    options: TextExampleOptions,
    augmentation: OcelliConfig['training']['augmentation'],
  ) {
    this.#parts = parts;
    this.#dataset = dataset;
    this.#options = options;
    const { backbones, cache } = parts;
    this.#encoders = Array.from({ length: augmentation?.versions ?? 1 }, (_, version) => {
      const input = augmentation
        ? backbones.input.augmented({ version, flip: augmentation.flip })
        : backbones.input;
      return new FeatureEncoder({ ...backbones, input, ...(cache && { cache }) });
    });
  }

  async read(indices: readonly number[], { random }: BatchContext): Promise<StreamedExamples> {
    const samples = await Promise.all(indices.map((index) => this.#sample(index)));
    const drawn = samples.flatMap((sample): Drawn[] => {
      const texts = sample ? examplesOf(sample, 0, this.#options) : [];
      // Drawn for what is left out too, so that what others get does not depend on it.
      const [place, version] = [random.uniform(), random.integer(this.#encoders.length)];
      const text = texts[Math.floor(place * texts.length)];
      return sample && text ? [{ sample, prompt: text.prompt, target: text.target, version }] : [];
    });
    const rows = await this.#encode(drawn);
    const whole = drawn.filter((_, place) => rows.has(place));
    if (whole.length === 0) {
      throw new OcelliError(
        'data',
        `none of the ${indices.length} samples of a batch of ${this.#options.origin} can be read and has ` +
          `${this.#options.use === 'both' ? 'a text' : this.#options.use}; correct the data, or choose another data.use`,
      );
    }
    const places = [...drawn.keys()].filter((place) => rows.has(place));
    return {
      texts: whole.map(({ sample, prompt, target }) => ({ prompt, target, name: sample.id })),
      features: this.#tensor(rows, places),
    };
  }

  #tensor(rows: FeatureTable, places: readonly number[]): Tensor {
    return rows.tensor(places, this.#parts.adapter.features);
  }

  /** A sample, or null for a broken row that may be left out. */
  async #sample(index: number): Promise<Sample | null> {
    try {
      return await this.#dataset.sample(index);
    } catch (error) {
      if (!(error instanceof DatasetError)) throw error;
      this.#leaveOut(`sample ${index}`, error);
      return null;
    }
  }

  /** The features of each; none of what is broken. */
  async #encode(drawn: readonly Drawn[]): Promise<FeatureTable> {
    const { adapter, signal } = this.#parts;
    const found = new Map<number, Float32Array>();
    let shape: readonly [number, number, number] = [1, 1, 1];
    for (const [version, encoder] of this.#encoders.entries()) {
      const places = [...drawn.keys()].filter((place) => drawn[place]!.version === version);
      if (places.length === 0) continue;
      const table = await encoder.encode(
        places.map((place) => drawn[place]!.sample.media),
        adapter.features,
        {
          onBroken: (item, error) => this.#leaveOut(drawn[places[item]!]!.sample.id, error),
          ...(signal && { signal }),
        },
      );
      shape = table.itemShape;
      for (const [item, place] of places.entries()) if (table.has(item)) found.set(place, table.row(item));
    }
    const rows = new FeatureTable(drawn.length, ...shape);
    for (const [place, values] of found) rows.set(place, values);
    return rows;
  }

  /** Names what is broken once, or stops the training with it. */
  #leaveOut(name: string, error: DatasetError): void {
    if (this.#parts.config.data.broken === 'stop') throw error;
    if (this.#named.has(name) || this.#named.size === mostNamed) return;
    this.#named.add(name);
    const others = this.#named.size === mostNamed ? '; further ones are not named' : '';
    this.#parts.onMessage?.(`${this.#options.origin}: ${name} is left out: ${error.message}${others}`);
  }
}
