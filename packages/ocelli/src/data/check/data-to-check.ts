import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, extname, resolve } from 'node:path';
import type { DatasetConfig } from '@ocelli/datasets';
import { OcelliError } from '@ocelli/ops';
import { type DataConfig, readDataSets } from '../../config/read-config.js';
import { embeddedKeyOf } from '../embedded-data.js';

/** A data set to check, and where the configuration names it (null if it was named itself). */
export interface NamedData {
  readonly place: string | null;
  readonly config: DatasetConfig;
}

const byEnding = { '.jsonl': 'jsonl', '.parquet': 'parquet', '.tar': 'webdataset' } as const;
type Ending = keyof typeof byEnding;

/** The data sets that a word of the command line stands for: those of a configuration, a folder, or a file. */
export function dataToCheck(argument: string): NamedData[] {
  const path = resolve(argument);
  if (!existsSync(path))
    throw new OcelliError('data', `there is no ${path}; give a configuration, a folder or a file`);
  const config = dataAt(path);
  if (config) return [{ place: null, config }];
  const ending = extname(path).toLowerCase();
  if (ending === '.yaml' || ending === '.yml') {
    const { train, validation } = readDataSets(path);
    const sets = { 'data.train': train, ...(validation && { 'data.validation': validation }) };
    // Embedded data are made when asked for: there is nothing on the disk to check.
    return Object.entries(sets).flatMap(([place, config]) => (isOnDisk(config) ? [{ place, config }] : []));
  }
  throw new OcelliError(
    'data',
    `${path} does not say by its name what it is; write its format into a configuration, as ocelli data --help shows, and check that`,
  );
}

function isOnDisk(config: DataConfig): config is DatasetConfig {
  return embeddedKeyOf(config) === undefined;
}

/** The data of a folder, or of a file by its name; null for what neither is. */
export function dataAt(path: string): DatasetConfig | null {
  if (statSync(path).isDirectory()) return folderConfig(path);
  if (basename(path) === 'captions.jsonl') return folderConfig(dirname(path));
  const ending = extname(path).toLowerCase();
  return ending in byEnding ? streamed(ending as Ending, path) : null;
}

function streamed(ending: Ending, annotations: string): DatasetConfig {
  return { format: byEnding[ending], annotations };
}

function folderConfig(directory: string): DatasetConfig {
  const names = readdirSync(directory);
  if (names.includes('captions.jsonl')) return { format: 'folder', directory };
  const ending = (Object.keys(byEnding) as Ending[]).find((one) => names.some((name) => name.endsWith(one)));
  if (ending !== undefined) return streamed(ending, directory);
  throw new OcelliError(
    'data',
    `${directory} has neither captions.jsonl nor a .jsonl, .parquet or .tar file; write captions.jsonl, one JSON object a line, e.g. ` +
      '{"image": "a.jpg", "caption": "a cat"}',
  );
}
