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

/**
 * Fractions of samples that a linear classifier on the frozen features gets right, by fact; `together` all at once: a
 * ceiling for whole captions.
 */
export type ProbeScores = Readonly<Record<string, number>>;

interface Head {
  readonly weight: Tensor;
  readonly bias: Tensor;
}

/** A linear probe: how much of what captions say can be read from the frozen features by a linear map at best. */
export class LinearProbe {
  readonly #heads: Readonly<Record<string, Head>>;
  readonly #mean: Float32Array;
  readonly #scale: Float32Array;

  private constructor(classes: Readonly<Record<string, number>>, table: FeatureTable) {
    const { mean, scale } = statistics(table);
    this.#mean = mean;
    this.#scale = scale;
    this.#heads = Object.fromEntries(
      Object.entries(classes).map(([fact, count]) => [
        fact,
        { weight: zeros([count, mean.length]).asParameter(), bias: zeros([count]).asParameter() },
      ]),
    );
  }

  /**
   * Trains on the class tokens of all blocks of the training samples, standardised by dimension.
   *
   * @param classes the number of values of each fact.
   */
  static async train(
    data: SplitData,
    classes: Readonly<Record<string, number>>,
    { probe }: DemoSettings,
    seed: number,
    onProgress?: (step: number, steps: number) => void,
  ): Promise<LinearProbe> {
    const table = await data.features({ layers: 1, tokens: 'class' });
    const result = new LinearProbe(classes, table);
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
        const x = result.#inputs(table, items);
        const total = Object.entries(result.#heads)
          .map(([fact, { weight, bias }]) =>
            crossEntropy(
              linear(x, weight, bias),
              tensor(Int32Array.from(items, (item) => data.samples[item]!.facts[fact]!)),
            ),
          )
          .reduce((sum, loss) => add(sum, loss));
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

  /** Scores on the samples of a split. */
  async score(data: SplitData): Promise<ProbeScores> {
    const table = await data.features({ layers: 1, tokens: 'class' });
    const items = [...data.samples.keys()];
    const facts = Object.entries(this.#heads);
    const values = scope(() =>
      noGrad(() => {
        const x = this.#inputs(table, items);
        return facts.map(([, { weight, bias }]) => linear(x, weight, bias).data());
      }),
    );
    const right = await Promise.all(
      facts.map(async ([fact], index) =>
        areRight(
          await values[index]!,
          data.samples.map((sample) => sample.facts[fact]!),
        ),
      ),
    );
    const share = (rows: readonly boolean[]): number => rows.filter(Boolean).length / items.length;
    return {
      ...Object.fromEntries(facts.map(([fact], index) => [fact, share(right[index]!)])),
      together: share(items.map((item) => right.every((rows) => rows[item]!))),
    };
  }

  dispose(): void {
    for (const { weight, bias } of Object.values(this.#heads)) {
      weight.dispose();
      bias.dispose();
    }
  }

  /** `[items, layers * tokens * width]`, standardised. */
  #inputs(table: FeatureTable, items: readonly number[]): Tensor {
    const width = this.#mean.length;
    const data = new Float32Array(items.length * width);
    for (const [row, item] of items.entries()) {
      const values = table.row(item);
      for (let i = 0; i < width; i++) data[row * width + i] = (values[i]! - this.#mean[i]!) * this.#scale[i]!;
    }
    return tensor(data, [items.length, width]);
  }
}

function areRight(logits: Float32Array, targets: readonly number[]): boolean[] {
  const classes = logits.length / targets.length;
  return targets.map((target, row) => {
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
