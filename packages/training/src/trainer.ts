import { join } from 'node:path';
import { AdamW, backward, clipGradientNorm, full, OcelliError, scope, type Tensor } from '@ocelli/ops';
import { checkDisk } from './check-disk.js';
import {
  type Checkpoint,
  type CheckpointState,
  latestCheckpoint,
  removeLeftovers,
  writeCheckpoint,
} from './checkpoint.js';
import { deriveRandom } from './derive-random.js';
import { MetricsLog } from './metrics-log.js';
import { ExampleOrder } from './order.js';
import { restoreTensors } from './restore-tensors.js';
import type { TrainingTask } from './task.js';
import { type ResolvedGroup, resolveGroups, type StepReport, type TrainOptions } from './train-options.js';

/** How a training ended. */
export interface TrainResult {
  /** Finished steps. */
  readonly step: number;
  /** Loss of the last of them; null if there was none. */
  readonly loss: number | null;
  /** True if the signal stopped it before the last step. */
  readonly aborted: boolean;
  /** Folder of the last checkpoint, if any was written. */
  readonly checkpoint: string | null;
}

/**
 * Trains with AdamW. JavaScript prepares and enqueues one step while the device computes the one before. With a
 * checkpoint directory, a run that was killed at any moment and is started again with `resume` and the same options
 * gives the same losses to the bit.
 */
export async function train<Batch>(options: TrainOptions<Batch>): Promise<TrainResult> {
  const groups = resolveGroups(options);
  const root = options.checkpointDirectory;
  let last: Checkpoint | null = null;
  if (root !== undefined) {
    // Parameters and AdamW's two moments.
    await checkDisk(root, 3 * 4 * sizeOfAll(groups));
    await removeLeftovers(root);
    last = latestCheckpoint(root);
    if (last && !options.resume) {
      throw new OcelliError(
        'train',
        `${root} has a checkpoint of step ${last.state.step}; set resume to go on from it, or choose another checkpointDirectory`,
      );
    }
  }
  const run = new Run(options, groups, last);
  try {
    return await run.go();
  } finally {
    await run.close();
  }
}

/** A step whose work is queued, and whose numbers are not known yet. */
interface QueuedStep {
  readonly step: number;
  readonly examples: number;
  readonly learningRate: Readonly<Record<string, number>>;
  /** Each batch's loss with the share that it has in the step's loss. */
  readonly losses: readonly { readonly share: number; readonly value: Promise<number> }[];
  readonly gradientScale: Promise<number> | null;
}

interface PreparedBatch<Batch> {
  readonly batch: Batch;
  readonly examples: number;
}

class Run<Batch> {
  readonly #options: TrainOptions<Batch>;
  readonly #task: TrainingTask<Batch>;
  readonly #groups: readonly ResolvedGroup[];
  readonly #accumulation: number;
  readonly #seed: number;
  readonly #order: ExampleOrder;
  readonly #optimizer: AdamW;
  readonly #log: MetricsLog | null;
  #step = 0;
  #savedStep = 0;
  #metrics: CheckpointState['metrics'] = { examples: 0, loss: null, seconds: 0 };
  #checkpoint: string | null;
  #queued: QueuedStep | null = null;
  #upcoming: Promise<PreparedBatch<Batch>[]> | null = null;
  #clock = 0;

  constructor(options: TrainOptions<Batch>, groups: readonly ResolvedGroup[], last: Checkpoint | null) {
    const { task, batchSize, similarLengths = false, dropLast = false, seed = 0 } = options;
    this.#options = options;
    this.#task = task;
    this.#groups = groups;
    this.#accumulation = options.gradientAccumulation ?? 1;
    this.#seed = seed;
    this.#order = new ExampleOrder({
      length: task.length,
      batchSize,
      seed,
      dropLast,
      ...(similarLengths && task.lengths ? { lengths: task.lengths } : {}),
      batches: task.batches?.bind(task),
    });
    this.#optimizer = new AdamW(
      groups.map(({ parameters, learningRate, weightDecay }) => ({
        parameters: [...parameters.values()],
        learningRate,
        weightDecay,
      })),
      options.adamw,
    );
    this.#checkpoint = last?.directory ?? null;
    if (last) this.#restore(last);
    const root = options.checkpointDirectory;
    const path = options.log ?? (root === undefined ? undefined : join(root, 'metrics.jsonl'));
    this.#log = path === undefined ? null : new MetricsLog(path, this.#step);
  }

  async go(): Promise<TrainResult> {
    const { steps, signal } = this.#options;
    this.#clock = performance.now();
    while (this.#step < steps && !signal?.aborted) {
      const batches = await (this.#upcoming ?? this.#prepare(this.#step));
      this.#upcoming = null;
      const queued = this.#enqueue(batches);
      this.#step++;
      if (this.#step < steps) this.#prefetch();
      await this.#settle();
      this.#queued = queued;
      if (this.#isDue(this.#options.evaluate?.every)) await this.#evaluate();
      if (this.#isDue(this.#options.checkpointEvery ?? 500)) await this.#save();
    }
    await this.#settle();
    await this.#save();
    return {
      step: this.#step,
      loss: this.#metrics.loss,
      aborted: this.#step < steps,
      checkpoint: this.#checkpoint,
    };
  }

  /** Frees what is left, whether all went well or not. */
  async close(): Promise<void> {
    const batches = await this.#upcoming?.catch(() => []);
    for (const { batch } of batches ?? []) this.#task.release?.(batch);
    this.#optimizer.zeroGradients();
    this.#optimizer.dispose();
    this.#log?.close();
  }

  /** Makes the batches of a step; the device may still be at work on the step before. */
  async #prepare(step: number): Promise<PreparedBatch<Batch>[]> {
    const prepared: PreparedBatch<Batch>[] = [];
    try {
      for (let part = 0; part < this.#accumulation; part++) {
        const position = step * this.#accumulation + part;
        const indices = this.#order.batchAt(position);
        // Streams of the order are those of (seed, epoch), so that these need one number more.
        const random = deriveRandom(this.#seed, position, 1);
        prepared.push({
          batch: await this.#task.prepare(indices, { step, random }),
          examples: indices.length,
        });
      }
    } catch (error) {
      for (const { batch } of prepared) this.#task.release?.(batch);
      throw error;
    }
    return prepared;
  }

  #prefetch(): void {
    this.#upcoming = this.#prepare(this.#step);
    this.#upcoming.catch(() => {}); // reported where it is awaited
  }

  /** Queues forward, backward and update of one step. */
  #enqueue(batches: readonly PreparedBatch<Batch>[]): QueuedStep {
    const weights = batches.map(({ batch }) => this.#task.weight?.(batch) ?? 1);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const losses: { share: number; value: Promise<number> }[] = [];
    try {
      for (const [index, { batch }] of batches.entries()) {
        // A batch that counts nothing has no loss either; it is left out, since 0 / 0 is no number.
        const share = batches.length === 1 ? 1 : weights[index]! / total;
        if (share === 0) continue;
        losses.push({ share, value: this.#accumulate(batch, share) });
      }
    } finally {
      for (const { batch } of batches) this.#task.release?.(batch);
    }
    const learningRate: Record<string, number> = {};
    for (const [index, group] of this.#groups.entries()) {
      const rate = group.learningRate * group.schedule(this.#step);
      learningRate[group.name] = rate;
      this.#optimizer.groups[index]!.learningRate = rate;
    }
    if (this.#step === 0) this.#warnWithoutGradient();
    const gradientScale = this.#update();
    const examples = batches.reduce((sum, batch) => sum + batch.examples, 0);
    return { step: this.#step + 1, examples, learningRate, losses, gradientScale };
  }

  /** Adds a batch's gradients to those of the step and starts reading its loss. */
  #accumulate(batch: Batch, share: number): Promise<number> {
    return scope(() => {
      // Its own scope, so that backward frees as it goes.
      const loss = scope(() => this.#task.loss(batch));
      if (loss.size !== 1) {
        throw new OcelliError(
          'train',
          `the task's loss must be one number, got a ${loss}; reduce it with mean() or sum()`,
        );
      }
      backward(loss, full(loss.shape, share));
      return quietly(loss.item());
    });
  }

  #update(): Promise<number> | null {
    const { clipNorm } = this.#options;
    return scope(() => {
      const gradientScale =
        clipNorm === undefined ? null : clipGradientNorm([...this.#parameters().values()], clipNorm);
      this.#optimizer.step(gradientScale ? { gradientScale } : {});
      this.#optimizer.zeroGradients();
      return gradientScale ? quietly(gradientScale.item()) : null;
    });
  }

  /** Waits for the queued step, checks and reports it. */
  async #settle(): Promise<void> {
    const queued = this.#queued;
    if (!queued) return;
    this.#queued = null;
    let loss = 0;
    for (const { share, value } of queued.losses) loss += share * (await value);
    const gradientScale = queued.gradientScale ? await queued.gradientScale : undefined;
    this.#checkFinite(queued, loss, gradientScale);
    const now = performance.now();
    const seconds = (now - this.#clock) / 1000;
    this.#clock = now;
    const { step, learningRate, examples } = queued;
    const report: StepReport = {
      step,
      loss,
      learningRate,
      ...(gradientScale === undefined ? {} : { gradientScale }),
      examples,
      seconds,
    };
    this.#metrics = {
      examples: this.#metrics.examples + examples,
      loss,
      seconds: this.#metrics.seconds + seconds,
    };
    this.#log?.append({ ...report });
    await this.#options.onStep?.(report);
  }

  /** The scale is 0 for a gradient with an infinite norm, and NaN for one that is NaN. */
  #checkFinite({ step, learningRate }: QueuedStep, loss: number, gradientScale = 1): void {
    if (Number.isFinite(loss) && gradientScale > 0) return;
    const wrong = Number.isFinite(loss) ? 'the gradient is not finite' : `the loss is ${loss}`;
    const rates = Object.entries(learningRate).map(([name, rate]) => `${rate} for "${name}"`);
    const back = this.#checkpoint ? `go back to ${this.#checkpoint}` : 'start again';
    throw new OcelliError(
      'train',
      `${wrong} at step ${step}, with learning rate ${rates.join(', ')}; ${back} with a lower learning rate, a longer ` +
        `warm-up or clipNorm`,
    );
  }

  /** True if the steps done so far are a multiple of `every`. */
  #isDue(every: number | undefined): boolean {
    return every !== undefined && this.#step % every === 0;
  }

  async #evaluate(): Promise<void> {
    await this.#settle();
    const metrics = await this.#options.evaluate!.run(this.#step);
    this.#log?.append({ step: this.#step, evaluation: metrics });
    this.#clock = performance.now();
  }

  async #save(): Promise<void> {
    await this.#settle();
    this.#log?.sync();
    const root = this.#options.checkpointDirectory;
    if (root === undefined || this.#savedStep === this.#step) return;
    const order = { ...this.#order.state(), position: this.#step * this.#accumulation };
    const state: CheckpointState = {
      step: this.#step,
      order,
      random: { seed: this.#seed },
      gradient_accumulation: this.#accumulation,
      optimizer_steps: this.#moments().steps,
      metrics: this.#metrics,
    };
    this.#checkpoint = await writeCheckpoint(root, state, {
      parameters: this.#parameters(),
      optimizer: this.#moments().tensors,
    });
    this.#savedStep = this.#step;
  }

  #restore({ state, files, directory }: Checkpoint): void {
    if (state.gradient_accumulation !== this.#accumulation) {
      throw new OcelliError(
        'train',
        `${directory} was made with gradientAccumulation ${state.gradient_accumulation}, now it is ${this.#accumulation}; ` +
          `take ${state.gradient_accumulation}, or start anew in another checkpointDirectory`,
      );
    }
    this.#order.restore(state.order);
    restoreTensors(files.parameters, this.#parameters());
    restoreTensors(files.optimizer, this.#moments().tensors);
    this.#optimizer.restore({
      tensors: this.#optimizer.state().tensors, // in place already
      steps: this.#names().map((name) => state.optimizer_steps[name] ?? 0),
    });
    this.#step = state.step;
    this.#savedStep = state.step;
    this.#metrics = state.metrics;
  }

  #parameters(): Map<string, Tensor> {
    return new Map([...this.#task.parameters].map(([name, { tensor }]) => [name, tensor]));
  }

  /** Names of the parameters in the order in which the optimizer has them. */
  #names(): string[] {
    return this.#groups.flatMap(({ parameters }) => [...parameters.keys()]);
  }

  /** The optimizer's state by the names of the parameters, so that their order may change between versions. */
  #moments(): { tensors: Map<string, Tensor>; steps: Record<string, number> } {
    const state = this.#optimizer.state();
    const tensors = new Map<string, Tensor>();
    const steps: Record<string, number> = {};
    for (const [index, name] of this.#names().entries()) {
      for (const which of ['first', 'second'])
        tensors.set(`${name}.${which}`, state.tensors.get(`${index}.${which}`)!);
      steps[name] = state.steps[index]!;
    }
    return { tensors, steps };
  }

  #warnWithoutGradient(): void {
    const idle = [...this.#task.parameters]
      .filter(([, { tensor }]) => tensor.grad === null)
      .map(([name]) => name);
    if (idle.length > 0) {
      this.#options.onWarning?.(
        `no gradient reaches ${idle.join(', ')} in the first step; they stay as they are`,
      );
    }
  }
}

/** A promise that is awaited later and may fail before that. */
function quietly(value: Promise<number>): Promise<number> {
  value.catch(() => {});
  return value;
}

function sizeOfAll(groups: readonly ResolvedGroup[]): number {
  let size = 0;
  for (const { parameters } of groups) for (const tensor of parameters.values()) size += tensor.size;
  return size;
}
