import { type ConceptSet, colourNames, concepts, type EmojiSample } from '@ocelli/emoji-scenes';
import {
  AdamW,
  add,
  backward,
  crossEntropy,
  linear,
  noGrad,
  Random,
  scope,
  type Tensor,
  tensor,
  zeros,
} from '@ocelli/ops';
import { cosineSchedule } from '@ocelli/training';
import type { FeatureTable } from '../pipelines/feature-table.js';
import type { SplitData } from './demo-data.js';
import type { DemoSettings } from './settings.js';

/** Fractions of pictures that a linear classifier on the frozen features gets right. */
export interface ProbeScores {
  readonly object: number;
  readonly count: number;
  readonly colour: number;
  /** All three at once: a ceiling for whole captions. */
  readonly together: number;
}

const facts = ['object', 'count', 'colour'] as const;
type Fact = (typeof facts)[number];

interface Head {
  readonly weight: Tensor;
  readonly bias: Tensor;
}

/** A linear probe: how much of what captions say can be read from the frozen features by a linear map at best. */
export class LinearProbe {
  readonly #heads: Readonly<Record<Fact, Head>>;
  readonly #mean: Float32Array;
  readonly #scale: Float32Array;
  readonly #set: ConceptSet;

  private constructor(set: ConceptSet, table: FeatureTable) {
    const { mean, scale } = statistics(table);
    this.#set = set;
    this.#mean = mean;
    this.#scale = scale;
    const head = (classes: number): Head => ({
      weight: zeros([classes, mean.length]).asParameter(),
      bias: zeros([classes]).asParameter(),
    });
    this.#heads = {
      object: head(concepts(set).length),
      count: head(4),
      colour: head(colourNames.length),
    };
  }

  /** Trains on the class tokens of all blocks of the training pictures, standardised by dimension. */
  static async train(
    data: SplitData,
    { concepts: set, probe }: DemoSettings,
    seed: number,
    onProgress?: (step: number, steps: number) => void,
  ): Promise<LinearProbe> {
    const table = await data.features({ layers: 1, tokens: 'class' });
    const result = new LinearProbe(set, table);
    const targets = targetsOf(data.samples, set);
    const random = new Random(seed);
    const order = [...data.samples.keys()];
    const perEpoch = Math.ceil(order.length / probe.batchSize);
    const steps = probe.epochs * perEpoch;
    const schedule = cosineSchedule({ steps });
    const parameters = Object.values(result.#heads).flatMap(({ weight, bias }) => [weight, bias]);
    const optimizer = new AdamW([
      { parameters, learningRate: probe.learningRate, weightDecay: probe.weightDecay },
    ]);
    for (let step = 0; step < steps; step++) {
      if (step % perEpoch === 0) random.shuffle(order);
      const begin = (step % perEpoch) * probe.batchSize;
      const items = order.slice(begin, begin + probe.batchSize);
      optimizer.groups[0]!.learningRate = probe.learningRate * schedule(step);
      const loss = scope(() => {
        const logits = result.#logits(table, items);
        const parts = facts.map((fact) =>
          crossEntropy(logits[fact], tensor(Int32Array.from(items, (item) => targets[fact][item]!))),
        );
        const total = add(add(parts[0]!, parts[1]!), parts[2]!);
        backward(total);
        optimizer.step();
        optimizer.zeroGradients();
        return total.item();
      });
      await loss;
      onProgress?.(step + 1, steps);
    }
    optimizer.dispose();
    return result;
  }

  /** Scores on the pictures of a split. */
  async score(data: SplitData): Promise<ProbeScores> {
    const table = await data.features({ layers: 1, tokens: 'class' });
    const targets = targetsOf(data.samples, this.#set);
    const items = [...data.samples.keys()];
    const values = scope(() =>
      noGrad(() => {
        const logits = this.#logits(table, items);
        return facts.map((fact) => logits[fact].data());
      }),
    );
    const right = await Promise.all(
      facts.map(async (fact, index) => areRight(await values[index]!, targets[fact])),
    );
    const share = (rows: readonly boolean[]): number => rows.filter(Boolean).length / items.length;
    return {
      object: share(right[0]!),
      count: share(right[1]!),
      colour: share(right[2]!),
      together: share(items.map((item) => right.every((rows) => rows[item]!))),
    };
  }

  dispose(): void {
    for (const { weight, bias } of Object.values(this.#heads)) {
      weight.dispose();
      bias.dispose();
    }
  }

  #logits(table: FeatureTable, items: readonly number[]): Record<Fact, Tensor> {
    const width = this.#mean.length;
    const data = new Float32Array(items.length * width);
    for (const [row, item] of items.entries()) {
      const values = table.row(item);
      for (let i = 0; i < width; i++) data[row * width + i] = (values[i]! - this.#mean[i]!) * this.#scale[i]!;
    }
    const x = tensor(data, [items.length, width]);
    const read = ({ weight, bias }: Head): Tensor => linear(x, weight, bias);
    const { object, count, colour } = this.#heads;
    return { object: read(object), count: read(count), colour: read(colour) };
  }
}

function targetsOf(samples: readonly EmojiSample[], set: ConceptSet): Record<Fact, Int32Array> {
  const places = new Map(concepts(set).map(({ id }, place) => [id, place]));
  return {
    object: Int32Array.from(samples, ({ scene }) => places.get(scene.concept.id)!),
    count: Int32Array.from(samples, ({ scene }) => scene.count - 1),
    colour: Int32Array.from(samples, ({ scene }) => colourNames.indexOf(scene.background.name)),
  };
}

function areRight(logits: Float32Array, targets: Int32Array): boolean[] {
  const classes = logits.length / targets.length;
  return Array.from(targets, (target, row) => {
    let best = 0;
    for (let i = 1; i < classes; i++)
      if (logits[row * classes + i]! > logits[row * classes + best]!) best = i;
    return best === target;
  });
}

/** Mean and inverse standard deviation of every dimension. */
function statistics(table: FeatureTable): { mean: Float32Array; scale: Float32Array } {
  const width = table.layers * table.tokens * table.width;
  const sum = new Float64Array(width);
  const squares = new Float64Array(width);
  for (let item = 0; item < table.items; item++) {
    const row = table.row(item);
    for (let i = 0; i < width; i++) {
      sum[i] = sum[i]! + row[i]!;
      squares[i] = squares[i]! + row[i]! ** 2;
    }
  }
  const mean = Float32Array.from(sum, (total) => total / table.items);
  const scale = Float32Array.from(squares, (total, i) => {
    const variance = total / table.items - mean[i]! ** 2;
    return 1 / Math.sqrt(Math.max(variance, 1e-8));
  });
  return { mean, scale };
}
