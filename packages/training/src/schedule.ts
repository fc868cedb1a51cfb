import { OcelliError } from '@ocelli/ops';

/**
 * A learning rate over time, as a multiple of the group's own rate. `step` counts finished steps, so the first step
 * trains with `schedule(0)`; the convention of PyTorch's `LambdaLR` and transformers.
 */
export type Schedule = (step: number) => number;

/** How a schedule begins. */
export interface WarmupOptions {
  /** Steps over which the rate rises linearly; the first of them trains with `startRatio`. Default 0. */
  readonly warmupSteps?: number;
  /** What the rate rises from, as a multiple of the group's rate. Default 0. */
  readonly startRatio?: number;
}

/** How a decaying schedule begins and ends. */
export interface DecayOptions extends WarmupOptions {
  /** Steps of the whole training, warm-up among them; the rate stays at its minimum after them. */
  readonly steps: number;
  /** What the rate falls to, as a multiple of the group's rate. Default 0. */
  readonly minimumRatio?: number;
}

/** The full rate, after the warm-up (transformers' `get_constant_schedule_with_warmup`). */
export function constantSchedule(options: WarmupOptions = {}): Schedule {
  const warmupSteps = checkedWarmup('constantSchedule', options);
  return (step) => warmup(step, warmupSteps, options) ?? 1;
}

/** A straight line down to the minimum (transformers' `get_linear_schedule_with_warmup` for a minimum of 0). */
export function linearSchedule(options: DecayOptions): Schedule {
  return decay('linearSchedule', options, (progress) => 1 - progress);
}

/**
 * Half a cosine down to the minimum (transformers' `get_cosine_schedule_with_warmup` for a minimum of 0, its
 * `get_cosine_with_min_lr_schedule_with_warmup` for others).
 */
export function cosineSchedule(options: DecayOptions): Schedule {
  return decay('cosineSchedule', options, (progress) => 0.5 * (1 + Math.cos(Math.PI * progress)));
}

/** How `epochCosineSchedule` begins, ends and counts. */
export interface EpochCosineOptions extends WarmupOptions {
  /** Optimizer steps of an epoch. */
  readonly stepsPerEpoch: number;
  readonly epochs: number;
  /** What the rate falls towards, as a multiple of the group's rate. Default 0. */
  readonly minimumRatio?: number;
}

/** Steps of one stair of the warm-up. */
const stair = 100;

/**
 * Half a cosine in one stair an epoch, and a warm-up in stairs of 100 steps inside the first epoch, whose rest has the full
 * rate: timm's `CosineLRScheduler` as ALBEF and eP-ALM step it. `warmupSteps` is 400 in their configurations.
 */
export function epochCosineSchedule(options: EpochCosineOptions): Schedule {
  const name = 'epochCosineSchedule';
  const { stepsPerEpoch, epochs, minimumRatio = 0 } = options;
  const warmupSteps = checkedWarmup(name, options);
  for (const [what, value] of Object.entries({ stepsPerEpoch, epochs })) {
    if (!Number.isInteger(value) || value < 1)
      throw new OcelliError(name, `${what} must be a whole number from 1, got ${value}`);
  }
  checkRatio(name, 'minimumRatio', minimumRatio);
  return (step) => {
    const epoch = Math.floor(step / stepsPerEpoch);
    if (epoch === 0) return warmup(Math.floor(step / stair) * stair, warmupSteps, options) ?? 1;
    const ratio = 0.5 * (1 + Math.cos((Math.PI * Math.min(epoch, epochs)) / epochs));
    return minimumRatio + (1 - minimumRatio) * ratio;
  };
}

function decay(name: string, options: DecayOptions, shape: (progress: number) => number): Schedule {
  const { steps, minimumRatio = 0 } = options;
  const warmupSteps = checkedWarmup(name, options);
  if (!Number.isInteger(steps) || steps < 1) {
    throw new OcelliError(name, `steps must be a whole number from 1, got ${steps}`);
  }
  if (warmupSteps > steps) {
    throw new OcelliError(
      name,
      `warmupSteps is ${warmupSteps}, but there are only ${steps} steps; warm up for fewer`,
    );
  }
  checkRatio(name, 'minimumRatio', minimumRatio);
  const length = Math.max(1, steps - warmupSteps);
  return (step) => {
    const rising = warmup(step, warmupSteps, options);
    if (rising !== null) return rising;
    const ratio = Math.max(0, shape(Math.min(1, (step - warmupSteps) / length)));
    return minimumRatio + (1 - minimumRatio) * ratio;
  };
}

function warmup(step: number, warmupSteps: number, { startRatio = 0 }: WarmupOptions): number | null {
  return step < warmupSteps ? startRatio + (1 - startRatio) * (step / warmupSteps) : null;
}

function checkRatio(name: string, what: string, ratio: number): void {
  if (!(ratio >= 0 && ratio <= 1)) throw new OcelliError(name, `${what} must be from 0 to 1, got ${ratio}`);
}

function checkedWarmup(name: string, { warmupSteps = 0, startRatio = 0 }: WarmupOptions): number {
  checkRatio(name, 'startRatio', startRatio);
  if (!Number.isInteger(warmupSteps) || warmupSteps < 0) {
    throw new OcelliError(name, `warmupSteps must be a whole number from 0, got ${warmupSteps}`);
  }
  return warmupSteps;
}
