import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AdapterInputs } from '@ocelli/adapters';
import { loadEncoder } from '@ocelli/backbones';
import { dryRun } from '@ocelli/ops';
import { readMetricsLog } from '@ocelli/training';
import type { DataConfig, OcelliConfig } from '../config/read-config.js';
import { openData } from '../data/open-data.js';
import { readSamples, samplesToPlan } from '../data/read-samples.js';
import { exampleOptions, textExamples } from '../data/text-examples.js';
import { evaluateModel, type ModelEvaluation } from '../evaluate/evaluate-model.js';
import type { TrainingPlan } from '../memory/plan-training.js';
import { openModel } from '../pipelines/open-model.js';
import type { ProgressReporter } from '../progress/progress-reporter.js';
import { countSteps } from '../train/make-schedule.js';
import { trainFromConfig } from '../train/train-from-config.js';
import { fullPlan } from './full-plan.js';
import { type DryRunBackbone, dryRunBackbone } from './stand-ins.js';

/** What a dry run found. */
export interface DryRunReport {
  /** Samples (pictures, videos, recordings) and examples (captions, questions) of each data set. */
  readonly data: readonly { readonly place: string; readonly samples: number; readonly examples: number }[];
  /** Steps of the real training, and of an epoch of it. */
  readonly length: { readonly steps: number; readonly stepsPerEpoch: number };
  /** Names of the backbones that are not on this machine. */
  readonly missing: readonly string[];
  /** Memory of the real training. Without its tokenizer, that of texts with a token for each byte, the most there can be. */
  readonly plan: TrainingPlan;
  /** Of the adapter for the real backbones. */
  readonly trainableParameters: number;
  /** Losses of the steps that were tried. */
  readonly losses: readonly number[];
  /** The scores of a few samples, which say nothing but that they can be computed. */
  readonly evaluation: ModelEvaluation;
}

/** How a dry run is made. */
export interface DryRunOptions {
  readonly reporter: ProgressReporter;
  readonly onMessage?: (message: string) => void;
  readonly signal?: AbortSignal;
}

/** Steps that are tried, and samples that are scored. */
const steps = 2;
const scored = 4;

/**
 * Tries a configuration before it costs hours: reads all annotations and looks for every file, plans the memory, trains two
 * steps on the first samples and scores a few. Backbones that are not on this machine are not downloaded: tiny ones of the
 * same architecture and number of layers take their place. Nothing is left behind.
 *
 * @throws whatever the training would have thrown.
 */
export async function dryRunConfig(config: OcelliConfig, options: DryRunOptions): Promise<DryRunReport> {
  const root = mkdtempSync(join(tmpdir(), 'ocelli-dry-run-'));
  try {
    const encoder = await dryRunBackbone('encoder', config.encoder, root);
    const languageModel = await dryRunBackbone('languageModel', config.languageModel, root);
    const missing = [encoder, languageModel].flatMap((each) => (each.missing ? [each.missing.name] : []));
    const small: OcelliConfig = {
      ...config,
      encoder: encoder.directory,
      languageModel: languageModel.directory,
      inputs: inputsFor(encoder, config.inputs),
      training: triedTraining(config, missing.length > 0),
      output: join(root, 'output'),
      featureCache: { ...config.featureCache, directory: join(root, 'features') },
    };
    const { sets, examples, seen, media } = await countData(config, encoder.directory);
    const full = fullPlan(config, { encoder, languageModel, examples, media });
    await trainFromConfig(small, { ...options, limit: small.training.batchSize * steps });
    return {
      data: sets,
      length: countSteps(config.training, seen),
      missing,
      ...full,
      losses: readMetricsLog(join(small.output, 'metrics.jsonl')).flatMap(({ loss }) =>
        typeof loss === 'number' ? [loss] : [],
      ),
      evaluation: await score(small, options),
    };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** Two steps. What only makes them slower is left out; with the real models, a batch is as large as it will be. */
function triedTraining({ training }: OcelliConfig, isSmall: boolean): OcelliConfig['training'] {
  const { augmentation, epochs: _, ...others } = training;
  return {
    ...others,
    steps,
    batchSize: isSmall ? Math.min(4, training.batchSize) : training.batchSize,
    gradientAccumulation: 1,
    checkpointEvery: steps,
    validateEvery: steps,
    ...(augmentation && { augmentation: { ...augmentation, versions: 1 } }),
    ...(isSmall && { memoryBudget: undefined }),
  };
}

/** A stand-in has a size of its own. */
function inputsFor({ missing }: DryRunBackbone, inputs: AdapterInputs): AdapterInputs {
  const { imageProcessor } = inputs;
  if (!missing || !imageProcessor) return inputs;
  const { size, crop_size } = missing.architecture.processor ?? {};
  return { ...inputs, imageProcessor: { ...imageProcessor, size, ...(crop_size ? { crop_size } : {}) } };
}

/** Reads every annotation. */
async function countData(config: OcelliConfig, directory: string) {
  const { config: encoder } = dryRun(() => loadEncoder(directory));
  const sets: { place: string; samples: number; examples: number }[] = [];
  let examples: ReturnType<typeof textExamples> = [];
  let [media, seen] = [0, 0];
  for (const name of ['train', 'validation', 'test'] as const) {
    const data = config.data[name];
    if (!data) continue;
    const place = `data.${name}`;
    const dataset = await openData(data, encoder);
    const { samples, kept, isStreamed } = await samplesToPlan(dataset, config);
    const own = textExamples(samples, exampleOptions(config, place));
    // An epoch of a streamed data set takes each sample once.
    const count = isStreamed ? dataset.length : own.length;
    sets.push({ place, samples: dataset.length, examples: count });
    if (name === 'train') [examples, seen] = [own, count];
    const { augmentation } = config.training;
    if (name !== 'test') media += kept * (name === 'train' ? (augmentation?.versions ?? 1) : 1);
  }
  return { sets, examples, seen, media };
}

async function score(config: OcelliConfig, { reporter, signal }: DryRunOptions): Promise<ModelEvaluation> {
  const { test, validation, train } = config.data;
  using model = await openModel({ adapter: config.output });
  const data: DataConfig = test ?? validation ?? train;
  const samples = await readSamples(await openData(data, model.backbones.encoder.config), scored);
  return await evaluateModel(model, samples, {
    ...config.evaluation,
    maxNewTokens: Math.min(8, config.evaluation.maxNewTokens ?? 8),
    reporter,
    ...(signal && { signal }),
  });
}
