import { crossEntropy, linear, normal, Random, type Tensor, tensor } from '@ocelli/ops';
import type { BatchContext, TrainingParameter, TrainingTask } from '../src/index.js';

interface ToyBatch {
  readonly inputs: Tensor;
  readonly targets: Int32Array;
}

const inputWidth = 6;
const classes = 4;

/**
 * Points in four classes, classified by a linear layer; each point is moved a little at random. Example `i` counts
 * `1 + i % 3` times, so that batches differ in weight.
 */
export class ToyTask implements TrainingTask<ToyBatch> {
  readonly parameters: ReadonlyMap<string, TrainingParameter>;
  readonly lengths: readonly number[];
  /** What was called, in order. */
  readonly calls: string[] = [];
  /** Batches that are not released yet. */
  open = 0;
  readonly #inputs: number[][];
  readonly #nanAtStep: number | null;

  constructor(
    readonly length = 50,
    options: { nanAtStep?: number } = {},
  ) {
    const random = new Random(11);
    const weight = normal(random, [classes, inputWidth], 0.1).asParameter();
    const bias = normal(random, [classes], 0.1).asParameter();
    this.parameters = new Map([
      ['head.weight', { tensor: weight, group: 'weights' }],
      ['head.bias', { tensor: bias, group: 'biases' }],
    ]);
    this.#inputs = Array.from({ length }, (_, index) =>
      Array.from({ length: inputWidth }, (_, axis) => random.normal() + (axis === index % classes ? 2 : 0)),
    );
    this.#nanAtStep = options.nanAtStep ?? null;
    this.lengths = this.#inputs.map((_, index) => 1 + (index % 3));
  }

  async prepare(indices: readonly number[], { step, random }: BatchContext): Promise<ToyBatch> {
    this.calls.push(`prepare ${step}`);
    this.open++;
    const repeated = indices.flatMap((index) => Array<number>(this.lengths[index]!).fill(index));
    const moved = new Map(
      indices.map((index) => [index, this.#inputs[index]!.map((x) => x + 0.1 * random.normal())]),
    );
    const values = repeated.flatMap((index) => moved.get(index)!);
    if (step === this.#nanAtStep) values[3] = Number.NaN;
    const inputs = tensor(Float32Array.from(values), [repeated.length, inputWidth]);
    return { inputs, targets: Int32Array.from(repeated, (index) => index % classes) };
  }

  loss({ inputs, targets }: ToyBatch): Tensor {
    this.calls.push('loss');
    const weight = this.parameters.get('head.weight')!.tensor;
    const bias = this.parameters.get('head.bias')!.tensor;
    return crossEntropy(linear(inputs, weight, bias), tensor(targets), { reduction: 'mean' });
  }

  weight({ targets }: ToyBatch): number {
    return targets.length;
  }

  release({ inputs }: ToyBatch): void {
    this.open--;
    inputs.dispose();
  }
}
