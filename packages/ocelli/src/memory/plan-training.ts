import type { Adapter } from '@ocelli/adapters';
import { type ImageTextExample, ImageTextTask, planStep, type StepPlan } from '@ocelli/training';
import type { OcelliConfig } from '../config/read-config.js';
import { FeatureEncoder } from '../pipelines/feature-encoder.js';
import type { Backbones } from '../pipelines/open-backbones.js';

/** Bytes that a training takes, beside what Node itself needs. */
export interface TrainingPlan {
  /** Frozen weights of both backbones, packed. */
  readonly weights: number;
  /** The adapter's tensors. */
  readonly adapter: number;
  readonly step: StepPlan;
  /** Blocks of the language model that run again in the backward pass. */
  readonly recomputed: ReadonlySet<number>;
  /** Features of all pictures, which the training reads from memory. */
  readonly featureTable: number;
  /** What encoding a batch of pictures takes beside the weights, before the training begins; nothing if all are cached. */
  readonly encoding: number;
  /** The most that is in use at once. */
  readonly total: number;
}

/** What a plan is made of: a configuration with its parts open, in a dry run or really. */
export interface PlanParts {
  readonly config: OcelliConfig;
  readonly backbones: Backbones;
  readonly adapter: Adapter;
  readonly examples: readonly ImageTextExample[];
  /** Pictures whose features are in memory at once. */
  readonly pictures: number;
  /** Whether pictures are encoded during the training, in place of before it. Default false. */
  readonly isStreamed?: boolean;
}

/** A function from the blocks to recompute to the plan. */
export function trainingPlanner(parts: PlanParts): (recomputed: ReadonlySet<number>) => TrainingPlan {
  const { config, backbones, adapter, examples, pictures, isStreamed = false } = parts;
  const { encoder, languageModel, tokenizer, bytes: weights } = backbones;
  const { layers, tokens } = adapter.features;
  const featureShape = [layers, tokens === 'class' ? 1 : encoder.config.tokens, encoder.config.width];
  const task = new ImageTextTask({
    examples,
    features: () => Promise.reject(new Error('a plan has no features')),
    languageModel,
    tokenizer,
    adapter,
    lossOn: config.training.lossOn,
  });
  const { encoding, table } = new FeatureEncoder(backbones).plan(pictures, adapter.features);
  return (recomputed) => {
    task.recompute = recomputed;
    const step = planStep(task, config.training.batchSize, featureShape);
    return {
      weights,
      adapter: step.before - weights,
      step,
      recomputed,
      featureTable: table,
      encoding,
      total: (isStreamed ? step.peak + encoding : Math.max(step.peak, step.before + encoding)) + table,
    };
  };
}
