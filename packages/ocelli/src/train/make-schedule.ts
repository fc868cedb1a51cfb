import type { Adapter } from '@ocelli/adapters';
import {
  constantSchedule,
  cosineSchedule,
  epochCosineSchedule,
  linearSchedule,
  type Schedule,
} from '@ocelli/training';
import type { TrainingConfig } from '../config/schema.js';

/** The schedules that settings and configurations know by name. */
export const scheduleNames = ['constant', 'linear', 'cosine', 'epoch-cosine'] as const;

/** How long a training is, and how its schedule begins and ends. */
export interface ScheduleSettings {
  readonly steps: number;
  /** Default: one epoch of all steps. */
  readonly stepsPerEpoch?: number;
  /** Steps over which the rate rises, never more than `steps`. */
  readonly warmUp: number;
  /** What it rises from, as a multiple of the rate. Default 0. */
  readonly startRatio?: number;
  /** What it falls to, as a multiple of the rate. Default 0. */
  readonly minimumRatio?: number;
}

/** A schedule by name. */
export function makeSchedule(
  name: (typeof scheduleNames)[number],
  { steps, stepsPerEpoch = steps, warmUp, startRatio = 0, minimumRatio = 0 }: ScheduleSettings,
): Schedule {
  const warmupSteps = Math.min(warmUp, steps);
  switch (name) {
    case 'constant':
      return constantSchedule({ warmupSteps, startRatio });
    case 'linear':
      return linearSchedule({ steps, warmupSteps, startRatio, minimumRatio });
    case 'cosine':
      return cosineSchedule({ steps, warmupSteps, startRatio, minimumRatio });
    case 'epoch-cosine':
      return epochCosineSchedule({
        stepsPerEpoch,
        epochs: Math.ceil(steps / stepsPerEpoch),
        warmupSteps,
        startRatio,
        minimumRatio,
      });
  }
}

/** How many steps a configuration makes of so many examples: in all, and each epoch. */
export function countSteps(
  { steps, epochs, batchSize, gradientAccumulation }: TrainingConfig,
  examples: number,
): { readonly steps: number; readonly stepsPerEpoch: number } {
  const batches = Math.ceil(examples / batchSize);
  return {
    // Batches of all epochs are counted on end, so that a step may take its last ones from the next epoch.
    steps: steps ?? (epochs === undefined ? 1000 : Math.ceil((epochs * batches) / gradientAccumulation)),
    stepsPerEpoch: Math.max(1, Math.ceil(batches / gradientAccumulation)),
  };
}

/** One schedule for each group of the adapter's parameters: the soft prompt may have its own. */
export function schedules(
  adapter: Adapter,
  training: TrainingConfig,
  rates: Readonly<Record<string, number>>,
  length: { readonly steps: number; readonly stepsPerEpoch: number },
): Record<string, Schedule> {
  const { schedule, promptSchedule, warmUp, warmUpLearningRate, minimumLearningRate } = training;
  const groups = new Set([...adapter.parameters.values()].map(({ group }) => group));
  return Object.fromEntries(
    [...groups].map((group) => {
      const ratio = (rate: number): number => (rate === 0 ? 0 : Math.min(1, rate / rates[group]!));
      const own = group === 'prompt' ? promptSchedule : undefined;
      return [
        group,
        makeSchedule(own ?? schedule, {
          ...length,
          warmUp: own ? 0 : warmUp,
          startRatio: ratio(warmUpLearningRate),
          minimumRatio: ratio(minimumLearningRate),
        }),
      ];
    }),
  );
}
