import { type Adapter, createAdapter } from '@ocelli/adapters';
import { Random, zeros } from '@ocelli/ops';
import { ImageTextTask, type TextTokenizer, train } from '@ocelli/training';
import type { Backbones } from '../pipelines/open-backbones.js';
import { learningRates } from '../train/learning-rates.js';
import { makeSchedule } from '../train/make-schedule.js';
import type { SplitData } from './demo-data.js';
import type { DemoSettings, MethodSettings } from './settings.js';
import { trainingExamples } from './training-examples.js';

/** A point of a training curve. */
export interface CurvePoint {
  readonly step: number;
  readonly loss: number;
}

/** A trained method; the caller disposes of the adapter. */
export interface TrainedMethod {
  readonly adapter: Adapter;
  readonly trainableParameters: number;
  /** Of all parameters, the frozen ones included. */
  readonly trainablePercent: number;
  /** Wall time of the training steps, features not counted. */
  readonly secondsToTrain: number;
  readonly curve: readonly CurvePoint[];
  /** True if the signal came before the last step. */
  readonly aborted: boolean;
}

/** What is trained on what. */
export interface TrainMethodOptions {
  readonly method: MethodSettings;
  readonly settings: DemoSettings;
  readonly backbones: Backbones;
  readonly tokenizer: TextTokenizer;
  readonly data: SplitData;
  readonly seed: number;
  readonly onStep?: (step: number, steps: number, loss: number) => void;
  readonly signal?: AbortSignal;
}

/** Steps of one method. */
export function stepsOf(method: MethodSettings, settings: DemoSettings): number {
  return method.steps ?? settings.steps;
}

/** Trains one method on captions and questions together, from the features of the training samples. */
export async function trainMethod(options: TrainMethodOptions): Promise<TrainedMethod> {
  const { method, settings, backbones, tokenizer, data, seed, onStep, signal } = options;
  const { languageModel, encoder } = backbones;
  const adapter = createAdapter(method.adapter, method.config, {
    languageModel: languageModel.config,
    encoder: encoder.config,
    random: new Random(seed),
  });
  try {
    const table = await data.features(adapter.features, method.given);
    const { layers, tokens } = adapter.features;
    const empty = (items: number): readonly number[] => [
      items,
      layers,
      tokens === 'class' ? 1 : table.tokens,
      table.width,
    ];
    const task = new ImageTextTask({
      examples: trainingExamples(data.samples, settings),
      features: async (items) =>
        method.given === 'nothing' ? zeros(empty(items.length)) : table.tensor(items, adapter.features),
      languageModel,
      tokenizer,
      adapter,
    });
    const steps = stepsOf(method, settings);
    const curve: CurvePoint[] = [];
    const begin = performance.now();
    const { aborted } = await train({
      task,
      steps,
      batchSize: method.batchSize ?? settings.batchSize,
      learningRate: learningRates(adapter, method.learningRate, method.promptLearningRate),
      weightDecay: method.weightDecay ?? settings.weightDecay,
      clipNorm: settings.clipNorm,
      schedule: makeSchedule(settings.schedule, { steps, warmUp: settings.warmUp }),
      similarLengths: settings.similarLengths,
      seed,
      onStep: ({ step, loss }) => {
        curve.push({ step, loss });
        onStep?.(step, steps, loss);
      },
      ...(signal ? { signal } : {}),
    });
    const trainableParameters = countOf(adapter);
    const frozen = languageModel.parameterCount + encoder.parameterCount;
    return {
      adapter,
      trainableParameters,
      trainablePercent: (100 * trainableParameters) / (frozen + trainableParameters),
      secondsToTrain: (performance.now() - begin) / 1000,
      curve,
      aborted,
    };
  } catch (error) {
    adapter.dispose();
    throw error;
  }
}

function countOf(adapter: Adapter): number {
  let count = 0;
  for (const { tensor } of adapter.parameters.values()) count += tensor.size;
  return count;
}
