import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type AdapterInputs, adapterMethods } from '@ocelli/adapters';
import {
  type DatasetConfig,
  datasetFormat,
  datasetFormats,
  type FeatureCacheOptions,
} from '@ocelli/datasets';
import { type DeviceName, OcelliError, type WeightType } from '@ocelli/ops';
import { type Document, LineCounter, parseDocument } from 'yaml';
import type { ZodType } from 'zod';
import { z } from 'zod';
import { type EmbeddedData, embeddedKeyOf, embeddedSchemas } from '../data/embedded-data.js';
import { absoluteName } from '../pipelines/locate-backbones.js';
import { ConfigFile } from './config-file.js';
import { configSchema, type EvaluationConfig, type TrainingConfig } from './schema.js';
import { applySettings } from './settings.js';

/** A data set on disk, or the embedded emoji scenes. */
export type DataConfig = DatasetConfig | EmbeddedData;

/** Where encoder features are kept, for `FeatureCache.open`. */
export interface FeatureCacheConfig extends FeatureCacheOptions {
  readonly directory: string;
}

/** A configuration with defaults filled in and all paths absolute; hub ids stay as they are. */
export interface OcelliConfig {
  /** The file that it was read from. */
  readonly path: string;
  /** What the training stands for, and what was published for it. */
  readonly about?: {
    readonly title: string;
    readonly published: Readonly<Record<string, number>>;
    readonly source?: string | undefined;
  };
  readonly encoder: string;
  readonly languageModel: string;
  /** How the frozen weights of both are kept. */
  readonly dtype: WeightType;
  /** Where everything is computed. Default: the device in use. */
  readonly device?: DeviceName;
  /** How media and texts are prepared where that is not the backbones' own way, `frames` of videos among it. */
  readonly inputs: AdapterInputs;
  readonly adapter: { readonly method: string; readonly config: Readonly<Record<string, unknown>> };
  readonly data: DataSets & {
    readonly use: 'captions' | 'questions' | 'both';
    /** Whether samples are read when a batch needs them. Default: by their number and format. */
    readonly streamed?: boolean | undefined;
    /** What media do that cannot be decoded. */
    readonly broken: 'stop' | 'skip';
  };
  readonly training: TrainingConfig;
  readonly evaluation: EvaluationConfig;
  readonly output: string;
  readonly featureCache: FeatureCacheConfig;
}

/**
 * Reads a YAML configuration. Relative paths in it are relative to the file, those of data sets to `data.root`.
 *
 * @param settings `KEY=VALUE,...`, each as if it stood in the file: `training.batchSize=8,data.root=/data`.
 * @throws {OcelliError} naming the file, the line and the key that does not fit, with what was expected.
 */
export function readConfig(path: string, settings?: string): OcelliConfig {
  const file = resolve(path);
  const { document, lines } = parse(file);
  if (settings !== undefined) applySettings(document, settings);
  const checker = new ConfigFile(file, document, lines);
  const config = checker.check(configSchema, document.toJS() as unknown, []);
  const base = dirname(file);
  const output = resolve(base, config.output);
  const sets = readSets(checker, config.data, base);
  return {
    path: file,
    ...(config.about ? { about: config.about } : {}),
    encoder: absoluteName(config.encoder, base),
    languageModel: absoluteName(config.languageModel, base),
    dtype: config.dtype,
    ...(config.device ? { device: config.device } : {}),
    inputs: { ...config.inputs, frames: config.frames },
    adapter: readAdapter(checker, config.adapter),
    data: {
      ...sets,
      use: config.data.use,
      streamed: config.data.streamed,
      broken: config.data.broken,
    },
    training: config.training,
    evaluation: config.evaluation,
    output,
    featureCache: {
      directory: resolve(base, config.featureCache.directory ?? resolve(output, 'features')),
      maxBytes: config.featureCache.maxSize,
      dtype: config.featureCache.dtype,
    },
  };
}

/** The data sets that a configuration names. */
export interface DataSets {
  readonly train: DataConfig;
  readonly validation?: DataConfig;
  readonly test?: DataConfig;
}

/**
 * Reads `data` of a YAML configuration alone, so that data can be checked before a method is chosen.
 *
 * @throws {OcelliError} as `readConfig`.
 */
export function readDataSets(path: string): DataSets {
  const file = resolve(path);
  const { document, lines } = parse(file);
  const checker = new ConfigFile(file, document, lines);
  const { data } = checker.check(dataOnlySchema, document.toJS() as unknown, []);
  return readSets(checker, data, dirname(file));
}

const dataOnlySchema = z.looseObject({ data: configSchema.shape.data });

function readSets(
  checker: ConfigFile,
  { root, train, validation, test }: z.infer<typeof configSchema.shape.data>,
  directory: string,
): DataSets {
  const base = root === undefined ? directory : resolve(directory, root);
  return {
    train: readData(checker, train, ['data', 'train'], base),
    ...(validation ? { validation: readData(checker, validation, ['data', 'validation'], base) } : {}),
    ...(test ? { test: readData(checker, test, ['data', 'test'], base) } : {}),
  };
}

function parse(path: string): { document: Document; lines: LineCounter } {
  let text: string;
  try {
    if (statSync(path).isDirectory()) throw new Error('it is a folder');
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new OcelliError(
      'config',
      `cannot read ${path} (${(error as Error).message}); give the path of a YAML configuration, see ocelli train --help`,
      { cause: error },
    );
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [error] = document.errors;
  if (error) {
    const { line, col } = lines.linePos(error.pos[0]);
    throw new OcelliError(
      'config',
      `${path} line ${line}, column ${col}: is not YAML (${error.message}); correct it`,
    );
  }
  return { document: document as Document, lines };
}

function readAdapter(
  checker: ConfigFile,
  { method: name, ...config }: { method: string },
): OcelliConfig['adapter'] {
  const methods = adapterMethods();
  const method = methods.find((one) => one.name === name);
  if (!method) {
    throw checker.choice(
      ['adapter', 'method'],
      name,
      methods.map((one) => one.name),
    );
  }
  checker.check(method.schema, config, ['adapter'], ['method']);
  return { method: name, config };
}

function readData(
  checker: ConfigFile,
  value: Record<string, unknown>,
  path: readonly string[],
  base: string,
): DataConfig {
  const embedded = embeddedKeyOf(value);
  if (embedded !== undefined)
    return checker.check(embeddedSchemas[embedded] as ZodType<EmbeddedData>, value, path);
  const formats = datasetFormats.map(({ name }) => name);
  const format = typeof value.format === 'string' ? datasetFormat(value.format) : undefined;
  if (format === undefined) {
    if (value.format === undefined)
      throw checker.missing(path, 'format', [
        ...formats,
        ...Object.keys(embeddedSchemas).map((key) => `${key} instead`),
      ]);
    throw checker.choice([...path, 'format'], value.format, formats);
  }
  const data: Record<string, unknown> = { ...(checker.check(format.schema, value, path) as object) };
  for (const key of format.paths) if (typeof data[key] === 'string') data[key] = resolve(base, data[key]);
  return data as unknown as DatasetConfig;
}
