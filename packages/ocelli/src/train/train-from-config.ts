import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Adapter, createAdapter, saveAdapter } from '@ocelli/adapters';
import { type Dataset, FeatureCache } from '@ocelli/datasets';
import { OcelliError, Random } from '@ocelli/ops';
import {
  evaluateLoss,
  ImageTextTask,
  latestCheckpoint,
  type StreamedImageTextTask,
  type TextTokenizer,
  type TrainResult,
  train,
} from '@ocelli/training';
import type { DataConfig, OcelliConfig } from '../config/read-config.js';
import type { TrainingConfig } from '../config/schema.js';
import { openData } from '../data/open-data.js';
import { type PlannedSamples, samplesToPlan } from '../data/read-samples.js';
import { exampleOptions, textExamples } from '../data/text-examples.js';
import { describeBudget, fitBudget } from '../memory/fit-budget.js';
import type { PlanParts } from '../memory/plan-training.js';
import { addCounts, describeHits, type EncodeCounts, noCounts } from '../pipelines/encode-counts.js';
import { FeatureEncoder } from '../pipelines/feature-encoder.js';
import { drawTensor, type FeatureTable } from '../pipelines/feature-table.js';
import { locateBackbones } from '../pipelines/locate-backbones.js';
import { type Backbones, openBackbones } from '../pipelines/open-backbones.js';
import { rememberingTokenizer } from '../pipelines/remembering-tokenizer.js';
import type { ProgressReporter } from '../progress/progress-reporter.js';
import { learningRates } from './learning-rates.js';
import { countSteps, schedules } from './make-schedule.js';
import { streamedTask } from './streamed-task.js';

/** How a configuration is trained. */
export interface TrainFromConfigOptions {
  /** Go on from the last checkpoint in `output`. */
  readonly resume?: boolean;
  /** Only the first so many samples of each data set. Default: all. */
  readonly limit?: number;
  readonly reporter: ProgressReporter;
  /** Called with facts that a person wants to know. */
  readonly onMessage?: (message: string) => void;
  readonly signal?: AbortSignal;
}

/** What came out. */
export interface TrainOutcome {
  readonly step: number;
  readonly loss: number | null;
  /** True if the signal stopped it before the last step; then no adapter is saved, but a checkpoint. */
  readonly aborted: boolean;
  /** Folder of the saved adapter, null if aborted. */
  readonly adapterDirectory: string | null;
  readonly trainableParameters: number;
}

/**
 * Trains an adapter as a configuration says. Under `output` it leaves `adapter` (when finished), `checkpoints` and
 * `metrics.jsonl`.
 */
export async function trainFromConfig(
  config: OcelliConfig,
  options: TrainFromConfigOptions,
): Promise<TrainOutcome> {
  const checkpointDirectory = join(config.output, 'checkpoints');
  checkOutput(config.output, checkpointDirectory, options.resume ?? false);
  const backbones = openBackbones(await locateBackbones(config, options), {
    dtype: config.dtype,
    device: config.device,
    inputs: config.inputs,
  });
  let adapter: Adapter | null = null;
  let cache: FeatureCache | null = null;
  try {
    adapter = createAdapter(config.adapter.method, config.adapter.config, {
      languageModel: backbones.languageModel.config,
      encoder: backbones.encoder.config,
      random: new Random(config.training.seed),
    });
    const { train: trainData, validation } = config.data;
    const own = await openSet(trainData, config, backbones, options.limit);
    const held = validation ? await openSet(validation, config, backbones, options.limit) : null;
    const recompute = planWithin(config, options, {
      backbones,
      adapter,
      examples: textExamples(own.samples, exampleOptions(config, 'data.train')),
      pictures: own.kept * (config.training.augmentation?.versions ?? 1) + (held?.kept ?? 0),
      isStreamed: own.isStreamed,
    });
    cache = await FeatureCache.open(config.featureCache.directory, config.featureCache);
    const parts = {
      config,
      options,
      backbones,
      adapter,
      cache,
      tokenizer: rememberingTokenizer(backbones.tokenizer),
      recompute,
    };
    const { augmentation } = config.training;
    const task = await makeTask(parts, own, 'data.train', augmentation);
    const validationTask = held ? await makeTask(parts, held, 'data.validation') : null;
    const result = await runTraining(parts, task, validationTask, checkpointDirectory);
    const trainableParameters = [...adapter.parameters.values()].reduce(
      (sum, { tensor }) => sum + tensor.size,
      0,
    );
    const { step, loss, aborted } = result;
    if (aborted) return { step, loss, aborted, adapterDirectory: null, trainableParameters };
    const adapterDirectory = join(config.output, 'adapter');
    const identities = {
      encoder: { name: backbones.names.encoder, fingerprint: backbones.encoder.fingerprint },
      languageModel: {
        name: backbones.names.languageModel,
        fingerprint: backbones.languageModel.fingerprint,
      },
    };
    await saveAdapter(adapterDirectory, adapter, identities, backbones.inputs);
    return { step, loss, aborted, adapterDirectory, trainableParameters };
  } finally {
    await cache?.close();
    adapter?.dispose();
    backbones.dispose();
  }
}

interface Parts {
  readonly config: OcelliConfig;
  readonly options: TrainFromConfigOptions;
  readonly backbones: Backbones;
  readonly adapter: Adapter;
  readonly cache: FeatureCache;
  readonly tokenizer: TextTokenizer;
  readonly recompute: ReadonlySet<number>;
}

/** The language model's blocks that have to be recomputed for the memory budget; says so if there are any. */
function planWithin(
  config: OcelliConfig,
  { onMessage }: TrainFromConfigOptions,
  parts: Omit<PlanParts, 'config'>,
): ReadonlySet<number> {
  const budget = config.training.memoryBudget;
  if (budget === undefined) return new Set();
  const plan = fitBudget({ config, ...parts });
  const message = describeBudget(plan, budget);
  if (message) onMessage?.(message);
  return plan.recomputed;
}

function checkOutput(output: string, checkpoints: string, resume: boolean): void {
  if (existsSync(output) && !statSync(output).isDirectory()) {
    throw new OcelliError('train', `the output ${output} is a file; choose a folder`);
  }
  const last = latestCheckpoint(checkpoints);
  if (last && !resume) {
    throw new OcelliError(
      'train',
      `${output} holds a run that got to step ${last.state.step}; go on with --resume, or choose another output`,
    );
  }
}

/** A data set with the samples of it that are in memory: all, unless it is streamed. */
interface OpenSet extends PlannedSamples {
  readonly dataset: Dataset;
}

async function openSet(
  data: DataConfig,
  config: OcelliConfig,
  { encoder }: Backbones,
  limit: number | undefined,
): Promise<OpenSet> {
  const dataset = await openData(data, encoder.config);
  return { dataset, ...(await samplesToPlan(dataset, config, limit)) };
}

type AnyTask = ImageTextTask | StreamedImageTextTask;

async function makeTask(
  parts: Parts,
  { dataset, samples, isStreamed }: OpenSet,
  place: string,
  augmentation?: TrainingConfig['augmentation'],
): Promise<AnyTask> {
  const { config, options, backbones, adapter, cache, tokenizer, recompute } = parts;
  if (isStreamed) {
    const { onMessage, signal } = options;
    return streamedTask({ ...parts, onMessage, signal }, dataset, place, augmentation);
  }
  const all = textExamples(samples, exampleOptions(config, place));
  const versions = augmentation?.versions ?? 1;
  const stage = options.reporter.stage(`features of ${place}`, samples.length * versions);
  const tables: FeatureTable[] = [];
  let counts = noCounts;
  for (let version = 0; version < versions; version++) {
    const input = augmentation
      ? backbones.input.augmented({ version, flip: augmentation.flip })
      : backbones.input;
    let own: EncodeCounts = noCounts;
    const table = await new FeatureEncoder({ ...backbones, input, cache }).encode(
      samples.map(({ media }) => media),
      adapter.features,
      {
        onProgress: (done, _total, soFar) => {
          own = soFar;
          stage.update(version * samples.length + done, describeHits(addCounts(counts, own)));
        },
        ...(config.data.broken === 'skip' && {
          onBroken: (item, error) => {
            if (version > 0) return;
            options.onMessage?.(`${place}: ${samples[item]!.id} is left out: ${error.message}`);
          },
        }),
        ...(options.signal ? { signal: options.signal } : {}),
      },
    );
    counts = addCounts(counts, own);
    tables.push(table);
  }
  stage.finish();
  const examples = all.filter(({ item }) => tables.every((table) => table.has(item)));
  if (examples.length === 0)
    throw new OcelliError(
      'data',
      `all of the ${samples.length} samples of ${place} are broken; correct their paths`,
    );
  return new ImageTextTask({
    examples,
    features: async (items, { random }) => drawTensor(tables, items, adapter.features, random),
    languageModel: backbones.languageModel,
    tokenizer,
    adapter,
    lossOn: config.training.lossOn,
    reduction: config.training.loss,
    ...(config.inputs.answerToken === undefined ? {} : { separator: config.inputs.answerToken }),
    recompute,
  });
}

async function runTraining(
  { config: { training, output }, options, adapter }: Parts,
  task: AnyTask,
  validation: AnyTask | null,
  checkpointDirectory: string,
): Promise<TrainResult> {
  const { batchSize } = training;
  const { steps, stepsPerEpoch } = countSteps(training, task.length);
  const rates = learningRates(adapter, training.learningRate, training.promptLearningRate);
  const stage = options.reporter.stage(`train ${adapter.name}`, steps);
  let validationNote = '';
  const result = await train({
    task,
    steps,
    batchSize,
    gradientAccumulation: training.gradientAccumulation,
    learningRate: rates,
    weightDecay: training.weightDecay,
    schedule: schedules(adapter, training, rates, { steps, stepsPerEpoch }),
    ...(training.clipNorm === undefined ? {} : { clipNorm: training.clipNorm }),
    seed: training.seed,
    similarLengths: training.similarLengths,
    checkpointDirectory,
    checkpointEvery: training.checkpointEvery,
    resume: options.resume ?? false,
    log: join(output, 'metrics.jsonl'),
    ...(validation
      ? {
          evaluate: {
            every: training.validateEvery ?? Math.max(1, Math.floor(steps / 10)),
            run: async () => {
              const loss = await evaluateLoss(validation, batchSize);
              validationNote = `, validation ${loss.toFixed(3)}`;
              return { loss };
            },
          },
        }
      : {}),
    onStep: ({ step, loss }) => stage.update(step, `loss ${loss.toFixed(3)}${validationNote}`),
    ...(options.onMessage ? { onWarning: options.onMessage } : {}),
    ...(options.signal ? { signal: options.signal } : {}),
  });
  if (!result.aborted) stage.finish();
  return result;
}
