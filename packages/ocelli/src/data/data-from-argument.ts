import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { OcelliError } from '@ocelli/ops';
import { nearest } from '../config/nearest.js';
import { type DataConfig, type FeatureCacheConfig, readConfig } from '../config/read-config.js';
import type { EvaluationConfig } from '../config/schema.js';
import { dataAt } from './check/data-to-check.js';
import { type EmbeddedData, embeddedNames, splitsOf } from './embedded-data.js';

/** Of data that no configuration names. */
const alone = { broken: 'stop', featureCache: null, evaluation: {} } as const;

/** Data with what media do that cannot be decoded. */
export interface DataOfArgument {
  readonly data: DataConfig;
  readonly broken: 'stop' | 'skip';
  /** Where a configuration keeps features; null for data without one. */
  readonly featureCache: FeatureCacheConfig | null;
  /** How a configuration file wants its model to be evaluated; empty for other data. */
  readonly evaluation: EvaluationConfig;
}

/**
 * The data that `--data` names: a folder with `captions.jsonl` (or with rows), a file of rows, a configuration file (its
 * `data.train`, `data.validation` or `data.test`), or an embedded one: `emoji-scenes:SPLIT`, `emoji-clips:SPLIT`,
 * `emoji-voices:SPLIT`.
 */
export function dataFromArgument(
  argument: string,
  split: 'train' | 'validation' | 'test',
  settings?: string,
): DataOfArgument {
  const embedded = embeddedFrom(argument);
  if (embedded) return { data: embedded, ...alone };
  const path = resolve(argument);
  if (!existsSync(path)) {
    throw new OcelliError(
      'data',
      `there is no ${path}; give a folder with captions.jsonl, a configuration file, or ${Object.keys(embeddedNames).join(', ')} with :SPLIT`,
    );
  }
  const named = dataAt(path);
  if (named) return { data: named, ...alone };
  const { data, evaluation, featureCache } = readConfig(path, settings);
  const found = data[split];
  if (found) return { data: found, broken: data.broken, evaluation, featureCache };
  throw new OcelliError('eval', `${path} has no data.${split}; add it, or evaluate on --split train`);
}

/** `emoji-scenes:SPLIT` and the like. */
function embeddedFrom(argument: string): EmbeddedData | null {
  const [name = '', split = ''] = argument.split(':', 2);
  const key = embeddedNames[name];
  if (key === undefined || !argument.includes(':')) return null;
  const splits = splitsOf(key);
  if (splits.includes(split)) return { [key]: { split, concepts: 'demo' } } as unknown as EmbeddedData;
  const guess = nearest(split, splits);
  throw new OcelliError(
    'data',
    `${name} has no split "${split}"; ${guess ? `did you mean "${guess}"? There are` : 'there are'} ${splits.join(', ')}`,
  );
}
