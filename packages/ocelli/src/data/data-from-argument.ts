import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Split, splits } from '@ocelli/emoji-scenes';
import { OcelliError } from '@ocelli/ops';
import { nearest } from '../config/nearest.js';
import { type DataConfig, type FeatureCacheConfig, readConfig } from '../config/read-config.js';
import { dataAt } from './check/data-to-check.js';

const emojiPrefix = 'emoji-scenes:';
/** Of data that no configuration names. */
const alone = { broken: 'stop', featureCache: null } as const;

/** Data with what media do that cannot be decoded. */
export interface DataOfArgument {
  readonly data: DataConfig;
  readonly broken: 'stop' | 'skip';
  /** Where a configuration keeps features; null for data without one. */
  readonly featureCache: FeatureCacheConfig | null;
}

/**
 * The data that `--data` names: a folder with `captions.jsonl` (or with rows), a file of rows, a configuration file (its
 * `data.validation` or `data.train`), or `emoji-scenes:SPLIT`.
 */
export function dataFromArgument(argument: string, split: 'train' | 'validation'): DataOfArgument {
  if (argument.startsWith(emojiPrefix)) {
    const name = argument.slice(emojiPrefix.length);
    if (splits.includes(name as Split))
      return { data: { emojiScenes: { split: name as Split, concepts: 'demo' } }, ...alone };
    const guess = nearest(name, splits);
    throw new OcelliError(
      'data',
      `emoji-scenes has no split "${name}"; ${guess ? `did you mean "${guess}"? There are` : 'there are'} ${splits.join(', ')}`,
    );
  }
  const path = resolve(argument);
  if (!existsSync(path)) {
    throw new OcelliError(
      'data',
      `there is no ${path}; give a folder with captions.jsonl, a configuration file, or emoji-scenes:SPLIT`,
    );
  }
  const named = dataAt(path);
  if (named) return { data: named, ...alone };
  const { data, featureCache } = readConfig(path);
  const found = data[split];
  if (found) return { data: found, broken: data.broken, featureCache };
  throw new OcelliError('eval', `${path} has no data.validation; add it, or evaluate on --split train`);
}
