import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Split, splits } from '@ocelli/emoji-scenes';
import { OcelliError } from '@ocelli/ops';
import { nearest } from '../config/nearest.js';
import { type DataConfig, readConfig } from '../config/read-config.js';
import type { EvaluationConfig } from '../config/schema.js';
import { dataAt } from './check/data-to-check.js';

const asIs = { broken: 'stop', evaluation: {} } as const;
const emojiPrefix = 'emoji-scenes:';

/** Data with what media do that cannot be decoded. */
export interface DataOfArgument {
  readonly data: DataConfig;
  readonly broken: 'stop' | 'skip';
  /** How a configuration file wants its model to be evaluated; empty for other data. */
  readonly evaluation: EvaluationConfig;
}

/**
 * The data that `--data` names: a folder with `captions.jsonl` (or with rows), a file of rows, a configuration file (its
 * `data.train`, `data.validation` or `data.test`), or `emoji-scenes:SPLIT`.
 */
export function dataFromArgument(
  argument: string,
  split: 'train' | 'validation' | 'test',
  settings?: string,
): DataOfArgument {
  if (argument.startsWith(emojiPrefix)) {
    const name = argument.slice(emojiPrefix.length);
    if (splits.includes(name as Split))
      return { data: { emojiScenes: { split: name as Split, concepts: 'demo' } }, ...asIs };
    const guess = nearest(name, splits);
    throw new OcelliError(
      'eval',
      `emoji-scenes has no split "${name}"; ${guess ? `did you mean "${guess}"? There are` : 'there are'} ${splits.join(', ')}`,
    );
  }
  const path = resolve(argument);
  if (!existsSync(path)) {
    throw new OcelliError(
      'eval',
      `there is no ${path}; give a folder with captions.jsonl, a configuration file, or emoji-scenes:SPLIT`,
    );
  }
  const named = dataAt(path);
  if (named) return { data: named, ...asIs };
  const { data, evaluation } = readConfig(path, settings);
  const found = data[split];
  if (found) return { data: found, broken: data.broken, evaluation };
  throw new OcelliError('eval', `${path} has no data.${split}; add it, or evaluate on --split train`);
}
