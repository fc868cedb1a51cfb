import { join } from 'node:path';
import { saveAdapter } from '@ocelli/adapters';
import { imageSizeOf } from '@ocelli/backbones';
import { FeatureCache } from '@ocelli/datasets';
import { type DeviceName, OcelliError } from '@ocelli/ops';
import type { TextTokenizer } from '@ocelli/training';
import { nearest } from '../config/nearest.js';
import { FeatureEncoder } from '../pipelines/feature-encoder.js';
import { locateBackbones } from '../pipelines/locate-backbones.js';
import { type Backbones, openBackbones } from '../pipelines/open-backbones.js';
import { rememberingTokenizer } from '../pipelines/remembering-tokenizer.js';
import type { ProgressReporter } from '../progress/progress-reporter.js';
import { type DemoData, type Given, openDemoData, type SplitData } from './demo-data.js';
import { demoEnvironment } from './environment.js';
import { evaluateMethod } from './evaluate-method.js';
import { LinearProbe, type ProbeScores } from './linear-probe.js';
import { majorityAnswers, majorityFloor } from './majority.js';
import type { DemoModality, DemoSample } from './modality.js';
import { type DemoResult, type MethodResult, meanResult, resultUnits } from './result.js';
import type { DemoSettings } from './settings.js';
import { type CurvePoint, stepsOf, trainMethod } from './train-method.js';

/** What the demo runs. */
export interface DemoOptions {
  readonly modality: DemoModality;
  readonly settings: DemoSettings;
  /** Names of `settings.methods`; the floors come on top. */
  readonly methods: readonly string[];
  /** Names of `modality.heldOutSplits`. */
  readonly splits: readonly string[];
  /** Each method is trained once for each seed. */
  readonly seeds: readonly number[];
  /** Where adapters go (`adapters/METHOD`, those of the first seed); none are saved without it. */
  readonly output?: string;
  /** Folder of the feature cache. Default: features are kept in memory only. */
  readonly featureCache?: string;
  /** Train the floors (a blind model, and one that is given a single frame) and the linear probe too. Default true. */
  readonly floors?: boolean;
  /** Default: the embedded one of the modality. */
  readonly encoder?: string;
  /** Default: the embedded one. */
  readonly languageModel?: string;
  /** Default: the device in use. */
  readonly device?: DeviceName | undefined;
  readonly reporter: ProgressReporter;
  readonly signal?: AbortSignal;
}

/** A held-out sample with what each method said about it. */
export interface DemoExample {
  readonly split: string;
  readonly sample: DemoSample;
  /** By method. */
  readonly captions: Readonly<Record<string, string>>;
  /** By method, for the sample's questions in order; empty if it was not questioned. */
  readonly answers: Readonly<Record<string, readonly string[]>>;
}

/** All that the demo found out. */
export interface DemoOutcome {
  readonly result: DemoResult;
  /** Losses of the first seed by method. */
  readonly curves: Readonly<Record<string, readonly CurvePoint[]>>;
  /** Samples of the held-out splits with what the methods of the first seed said. */
  readonly examples: readonly DemoExample[];
}

/** Samples of each split that are kept as examples. */
const examplesPerSplit = 24;
const floorNames = { blind: 'blind', singleFrame: 'single-frame' } as const;

type Scores = Record<string, Record<string, MethodResult>>;

/** Trains and evaluates the methods on one modality: features once, then method by method. */
export async function runDemo(options: DemoOptions): Promise<DemoOutcome> {
  checkMethods(options);
  const backbones = openBackbones(
    await locateBackbones(
      {
        encoder: options.encoder ?? options.modality.encoder,
        languageModel: options.languageModel ?? 'tiny',
      },
      options,
    ),
    { device: options.device },
  );
  const cache = options.featureCache ? await FeatureCache.open(options.featureCache) : null;
  try {
    return await new Demo(options, backbones, cache).run();
  } finally {
    await cache?.close();
    backbones.dispose();
  }
}

function checkMethods({ methods, settings }: DemoOptions): void {
  for (const name of methods) {
    if (name in settings.methods) continue;
    const known = Object.keys(settings.methods);
    const guess = nearest(name, known);
    throw new OcelliError(
      'demo',
      `there is no method "${name}"; ${guess ? `did you mean "${guess}"? All are` : 'there are'} ${known.join(', ')}`,
    );
  }
}

class Demo {
  readonly #options: DemoOptions;
  readonly #backbones: Backbones;
  readonly #tokenizer: TextTokenizer;
  readonly #encoder: FeatureEncoder;
  readonly #seconds: Record<string, number> = {};
  readonly #curves: Record<string, readonly CurvePoint[]> = {};
  readonly #examples = new Map<
    string,
    {
      split: string;
      sample: DemoSample;
      captions: Record<string, string>;
      answers: Record<string, readonly string[]>;
    }
  >();

  constructor(options: DemoOptions, backbones: Backbones, cache: FeatureCache | null) {
    this.#options = options;
    this.#backbones = backbones;
    this.#tokenizer = rememberingTokenizer(backbones.tokenizer);
    this.#encoder = new FeatureEncoder({ ...backbones, ...(cache ? { cache } : {}) });
  }

  async run(): Promise<DemoOutcome> {
    const { modality, settings, splits, seeds, floors = true } = this.#options;
    const { config } = this.#backbones.encoder;
    const names = this.#names();
    const stills = names.some((name) => settings.methods[name]!.given === 'still');
    const data = await openDemoData(modality, {
      settings,
      splits,
      encoder: this.#encoder,
      side: config.modality === 'audio' ? 0 : imageSizeOf(config)[0],
      stills,
    });
    for (const part of [data.train, ...data.heldOut]) {
      await this.#timed('features', () => this.#encode(part, 'all'));
      if (stills) await this.#timed('features', () => this.#encode(part, 'still'));
    }
    const ceiling = floors ? await this.#timed('probe', () => this.#probe(data)) : {};
    const perSeed: Scores[] = [];
    for (const [index, seed] of seeds.entries()) {
      const scores: Scores = {};
      for (const name of names) await this.#method(name, seed, index, data, scores);
      perSeed.push(scores);
    }
    const means = meanScores(perSeed);
    const majority = majorityAnswers(data.train.samples);
    const isFloor = (name: string): boolean => !this.#options.methods.includes(name);
    const withoutFloors = (scores: Scores): Scores =>
      mapValues(scores, (methods) =>
        Object.fromEntries(Object.entries(methods).filter(([name]) => !isFloor(name))),
      );
    const floorOf = (name: string): Record<string, MethodResult> =>
      names.includes(name) ? mapValues(means, (methods) => methods[name]!) : {};
    return {
      result: {
        modality: modality.name,
        splits: withoutFloors(means),
        floors: {
          majority: Object.fromEntries(
            data.heldOut.map(({ split, samples }) => [
              split,
              majorityFloor(majority, samples.slice(0, settings.questionedSamples)),
            ]),
          ),
          blind: floorOf(floorNames.blind),
          singleFrame: floorOf(floorNames.singleFrame),
        },
        ceiling,
        seeds: [...seeds],
        perSeed: perSeed.map(withoutFloors),
        settings: {
          ...settings,
          methods: Object.fromEntries(names.map((name) => [name, settings.methods[name]])),
        },
        environment: demoEnvironment(this.#backbones, this.#seconds),
        units: { ...resultUnits },
      },
      curves: this.#curves,
      examples: [...this.#examples.values()],
    };
  }

  /** The methods that are asked for, and the floors. */
  #names(): readonly string[] {
    const { methods, modality, floors = true } = this.#options;
    if (!floors) return methods;
    const { blind, singleFrame } = floorNames;
    const added = modality.hasStills ? [singleFrame, blind] : [blind];
    return [...methods, ...added.filter((name) => !methods.includes(name))];
  }

  async #encode(data: SplitData, given: Given): Promise<void> {
    const what = given === 'still' ? `single frames of ${data.split}` : data.split;
    const stage = this.#options.reporter.stage(`features of ${what}`, data.samples.length);
    const { signal } = this.#options;
    await data.features({ layers: 1, tokens: 'class' }, given, {
      onProgress: (done) => stage.update(done),
      ...(signal ? { signal } : {}),
    });
    stage.finish();
  }

  async #probe(data: DemoData): Promise<Record<string, ProbeScores>> {
    const { modality, settings, seeds, reporter } = this.#options;
    const { epochs, batchSize } = settings.probe;
    const stage = reporter.stage(
      'ceiling: linear probe',
      epochs * Math.ceil(data.train.samples.length / batchSize),
    );
    const classes = modality.facts(settings.concepts);
    const probe = await LinearProbe.train(data.train, classes, settings, seeds[0] ?? 0, (step) =>
      stage.update(step),
    );
    stage.finish();
    const scores: Record<string, ProbeScores> = {};
    for (const part of data.heldOut) scores[part.split] = await probe.score(part);
    probe.dispose();
    return scores;
  }

  /** Trains one method, evaluates it on every split and saves the adapter of the first seed. */
  async #method(name: string, seed: number, index: number, data: DemoData, scores: Scores): Promise<void> {
    const { settings, reporter, output, signal, seeds } = this.#options;
    const method = settings.methods[name]!;
    const label = seeds.length > 1 ? `${name}, seed ${seed}` : name;
    const training = reporter.stage(`train ${label}`, stepsOf(method, settings));
    const trained = await this.#timed('training', () =>
      trainMethod({
        method,
        settings,
        backbones: this.#backbones,
        tokenizer: this.#tokenizer,
        data: data.train,
        seed,
        onStep: (step, _, loss) => training.update(step, `loss ${loss.toFixed(3)}`),
        ...(signal ? { signal } : {}),
      }),
    );
    const { adapter, trainableParameters, trainablePercent, secondsToTrain, curve } = trained;
    try {
      signal?.throwIfAborted();
      training.finish();
      if (index === 0) this.#curves[name] = curve;
      for (const part of data.heldOut) {
        const testing = reporter.stage(`test ${label} on ${part.split}`, this.#requests(part));
        const evaluation = await this.#timed('evaluation', () =>
          evaluateMethod({
            adapter,
            given: method.given,
            settings,
            backbones: this.#backbones,
            data: part,
            onProgress: (done) => testing.update(done),
            ...(signal ? { signal } : {}),
          }),
        );
        testing.finish();
        scores[part.split] ??= {};
        scores[part.split]![name] = {
          trainableParameters,
          trainablePercent,
          ...evaluation.scores,
          perQuestionType: { ...evaluation.scores.perQuestionType },
          secondsToTrain,
        };
        if (index === 0) this.#remember(name, part, evaluation.captions, evaluation.answers);
      }
      if (index === 0 && output && method.given === 'all') {
        await saveAdapter(join(output, 'adapters', name), adapter, {
          encoder: { name: this.#backbones.names.encoder, fingerprint: this.#backbones.encoder.fingerprint },
          languageModel: {
            name: this.#backbones.names.languageModel,
            fingerprint: this.#backbones.languageModel.fingerprint,
          },
        });
      }
    } finally {
      adapter.dispose();
    }
  }

  #requests({ samples }: SplitData): number {
    return samples.length + 5 * Math.min(samples.length, this.#options.settings.questionedSamples);
  }

  #remember(
    name: string,
    { split, samples }: SplitData,
    captions: readonly string[],
    answers: readonly (readonly string[])[],
  ): void {
    for (const [index, sample] of samples.slice(0, examplesPerSplit).entries()) {
      const example = this.#examples.get(sample.id) ?? { split, sample, captions: {}, answers: {} };
      example.captions[name] = captions[index]!;
      example.answers[name] = answers[index] ?? [];
      this.#examples.set(sample.id, example);
    }
  }

  async #timed<Result>(part: string, work: () => Promise<Result>): Promise<Result> {
    const begin = performance.now();
    const result = await work();
    this.#seconds[part] = (this.#seconds[part] ?? 0) + (performance.now() - begin) / 1000;
    return result;
  }
}

function meanScores(perSeed: readonly Scores[]): Scores {
  return mapValues(perSeed[0] ?? {}, (methods, split) =>
    mapValues(methods, (_, name) => meanResult(perSeed.map((scores) => scores[split]![name]!))),
  );
}

function mapValues<Value, Result>(
  object: Readonly<Record<string, Value>>,
  map: (value: Value, key: string) => Result,
): Record<string, Result> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value, key)]));
}
