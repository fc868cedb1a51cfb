import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Split, splits } from '@ocelli/emoji-scenes';
import { OcelliError } from '@ocelli/ops';
import { nearest } from '../config/nearest.js';
import { type DataConfig, readConfig } from '../config/read-config.js';

const emojiPrefix = 'emoji-scenes:';

/**
 * The data that `--data` names: a folder with `captions.jsonl`, a configuration file (its `data.validation` or
 * `data.train`), or `emoji-scenes:SPLIT`.
 */
export function dataFromArgument(argument: string, split: 'train' | 'validation'): DataConfig {
  if (argument.startsWith(emojiPrefix)) {
    const name = argument.slice(emojiPrefix.length);
    if (splits.includes(name as Split)) return { emojiScenes: { split: name as Split, concepts: 'demo' } };
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
  if (statSync(path).isDirectory()) return { format: 'folder', directory: path };
  const { data } = readConfig(path);
  const found = data[split];
  if (found) return found;
  throw new OcelliError('eval', `${path} has no data.validation; add it, or evaluate on --split train`);
}
