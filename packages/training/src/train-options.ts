import { type AdamWOptions, OcelliError, type Tensor } from '@ocelli/ops';
import { constantSchedule, type Schedule } from './schedule.js';
import type { TrainingTask } from './task.js';

/** One value for all groups of parameters, or one for each by name. */
export type PerGroup<Value> = Value | Readonly<Record<string, Value>>;

/** What a finished step did. */
export interface StepReport {
  /** 1 for the first step. */
  readonly step: number;
  readonly loss: number;
  /** The rate that this step trained with, by group. */
  readonly learningRate: Readonly<Record<string, number>>;
  /** What clipping multiplied the gradients by: 1 if they were small enough. Only with `clipNorm`. */
  readonly gradientScale?: number;
  /** Examples of this step. */
  readonly examples: number;
  /** Time since the step before was finished. */
  readonly seconds: number;
}

/** What is measured every so many steps, on the parameters of exactly that step. */
export interface Evaluation {
  readonly every: number;
  /** Returns numbers by name; they go into the log. */
  run(step: number): Promise<Readonly<Record<string, number>>>;
}

/** What to train and how. */
export interface TrainOptions<Batch> {
  readonly task: TrainingTask<Batch>;
  /** Optimizer steps in all, those of an interrupted run among them. */
  readonly steps: number;
  /** Examples of one batch on the device. */
  readonly batchSize: number;
  /** Batches per step. Default 1. */
  readonly gradientAccumulation?: number;
  readonly learningRate: PerGroup<number>;
  /** AdamW's decoupled weight decay. Default 0. */
  readonly weightDecay?: PerGroup<number>;
  readonly adamw?: AdamWOptions;
  /** Gradients are scaled down so that their common norm is at most this. Default: never. */
  readonly clipNorm?: number;
  /** Default: the full rate in every step. */
  readonly schedule?: PerGroup<Schedule>;
  /** Of the order of examples and of all that the task draws at random. Default 0. */
  readonly seed?: number;
  /** Makes batches of examples of similar length, if the task says how long they are. Default false. */
  readonly similarLengths?: boolean;
  /** Leaves out the rest of each epoch that fills no batch. Default false. */
  readonly dropLast?: boolean;
  /** Where checkpoints are written to; the last two are kept. Default: none are. */
  readonly checkpointDirectory?: string;
  /** Steps between checkpoints; one is also written at the end and at an abort. Default 500. */
  readonly checkpointEvery?: number;
  /** Goes on from the last checkpoint in `checkpointDirectory` if there is one. Default false. */
  readonly resume?: boolean;
  /** A file of JSON lines, one per step and evaluation. Default: `metrics.jsonl` in `checkpointDirectory`, if given. */
  readonly log?: string;
  readonly evaluate?: Evaluation;
  /** Called in order for each step; the device may already be one step ahead. */
  readonly onStep?: (report: StepReport) => void | Promise<void>;
  /** Called with facts that are no errors but that a person wants to know. */
  readonly onWarning?: (message: string) => void;
  /** Stops after the current step, with a checkpoint written. */
  readonly signal?: AbortSignal;
}

/** A group of parameters with all that follows from its name. */
export interface ResolvedGroup {
  readonly name: string;
  readonly parameters: ReadonlyMap<string, Tensor>;
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly schedule: Schedule;
}

/** Checks options before anything is computed, and gives every group of the task its values. */
export function resolveGroups<Batch>(options: TrainOptions<Batch>): ResolvedGroup[] {
  checkNumbers(options);
  const { task } = options;
  if (task.parameters.size === 0) {
    throw new OcelliError(
      'train',
      'the task has no trainable parameters; give it an adapter or unfrozen tensors',
    );
  }
  const groups = new Map<string, Map<string, Tensor>>();
  for (const [name, { tensor, group }] of task.parameters) {
    if (!tensor.requiresGrad) {
      throw new OcelliError(
        'train',
        `parameter "${name}" does not require a gradient; mark it with asParameter()`,
      );
    }
    const members = groups.get(group) ?? new Map<string, Tensor>();
    groups.set(group, members.set(name, tensor));
  }
  const names = [...groups.keys()];
  const learningRate = perGroup('learningRate', options.learningRate, names, isNumber);
  const weightDecay = perGroup('weightDecay', options.weightDecay ?? 0, names, isNumber);
  const schedule = perGroup('schedule', options.schedule ?? constantSchedule(), names, isSchedule);
  return [...groups].map(([name, parameters]) => {
    const group = {
      name,
      parameters,
      learningRate: learningRate(name),
      weightDecay: weightDecay(name),
      schedule: schedule(name),
    };
    checkAtLeastZero(`learningRate of "${name}"`, group.learningRate);
    checkAtLeastZero(`weightDecay of "${name}"`, group.weightDecay);
    return group;
  });
}

function perGroup<Value>(
  option: string,
  given: PerGroup<Value>,
  groups: readonly string[],
  isOne: (given: PerGroup<Value>) => given is Value,
): (group: string) => Value {
  if (isOne(given)) return () => given;
  const entries = new Map(Object.entries(given as Readonly<Record<string, Value>>));
  const unknown = [...entries.keys()].filter((name) => !groups.includes(name));
  const missing = groups.filter((name) => !entries.has(name));
  if (unknown.length > 0 || missing.length > 0) {
    throw new OcelliError(
      'train',
      `${option} is given for ${list([...entries.keys()])}, but the task's groups are ${list(groups)}; ` +
        `give one value for each of them, or one for all`,
    );
  }
  return (group) => entries.get(group)!;
}

function list(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.map((name) => `"${name}"`).join(', ');
}

function isNumber(given: PerGroup<number>): given is number {
  return typeof given === 'number';
}

function isSchedule(given: PerGroup<Schedule>): given is Schedule {
  return typeof given === 'function';
}

function checkNumbers<Batch>(options: TrainOptions<Batch>): void {
  checkCount('steps', options.steps);
  checkCount('batchSize', options.batchSize);
  checkCount('gradientAccumulation', options.gradientAccumulation ?? 1);
  checkCount('checkpointEvery', options.checkpointEvery ?? 1);
  checkCount('evaluate.every', options.evaluate?.every ?? 1);
  checkCount('task.length', options.task.length);
  if (!Number.isSafeInteger(options.seed ?? 0))
    throw new OcelliError('train', `seed must be a whole number, got ${options.seed}`);
  if (options.clipNorm !== undefined && !(options.clipNorm > 0)) {
    throw new OcelliError(
      'train',
      `clipNorm must be above 0, got ${options.clipNorm}; leave it out to never clip`,
    );
  }
  if (options.similarLengths && !options.task.lengths) {
    throw new OcelliError(
      'train',
      'similarLengths needs a task with lengths, this one has none; leave it out',
    );
  }
  if (options.checkpointDirectory === undefined) {
    for (const name of ['checkpointEvery', 'resume'] as const) {
      if (options[name])
        throw new OcelliError('train', `${name} needs a checkpointDirectory; give one, or leave ${name} out`);
    }
  }
}

function checkCount(name: string, value: number): void {
  if (!Number.isInteger(value) || value < 1) {
    throw new OcelliError('train', `${name} must be a whole number from 1, got ${value}`);
  }
}

function checkAtLeastZero(name: string, value: number): void {
  if (!(value >= 0 && Number.isFinite(value)))
    throw new OcelliError('train', `${name} must be a number from 0, got ${value}`);
}
