import { dirname } from 'node:path';
import { z } from 'zod';
import { DatasetError } from '../dataset-error.js';
import { parseAs } from '../records/read-json.js';
import type { Dataset } from '../sample.js';
import type { ByteSource } from '../streams/byte-source.js';
import { fileSource } from '../streams/byte-source.js';
import { concatRuns } from '../streams/concat-runs.js';
import { findLineRuns, linesPerRun, readLineRun } from '../streams/line-runs.js';
import type { RunSource } from '../streams/run-dataset.js';
import { runDataset } from '../streams/run-dataset.js';
import { sampleOrError } from '../streams/sample-or-error.js';
import { shardPaths } from '../streams/shards.js';
import { defineFormat, optionalPath, path } from './define-format.js';
import { columns, type RowOptions, rowReads, rowToSample } from './row.js';

const object = z.record(z.string(), z.unknown());

/** How many runs of 64 lines stay in memory: about 65,000 lines. */
const kept = 1024;

/** The rows of one source of lines. Ids of rows that have none begin with `prefix`. */
export async function lineRunSource(
  source: ByteSource,
  options: RowOptions,
  prefix = '',
): Promise<RunSource> {
  const runs = await findLineRuns(source);
  const starts = Float64Array.from(runs.offsets, (_, run) => run * linesPerRun);
  return {
    name: source.name,
    length: runs.lines,
    runs: { starts, kept },
    read: async (run) =>
      (await readLineRun(source, runs, run)).map(({ text, number }, index) =>
        sampleOrError(() => {
          const where = `${source.name} line ${number}`;
          const id = `${prefix}${run * linesPerRun + index}`;
          return rowToSample(parseAs(object, text, where), options, id, where);
        }),
      ),
  };
}

async function open(config: {
  readonly annotations: string;
  readonly media?: string | undefined;
  readonly columns?: RowOptions['columns'];
}): Promise<Dataset> {
  const files = await shardPaths(config.annotations, '.jsonl');
  const options = { media: config.media ?? dirname(files[0]!), columns: config.columns };
  const sources = await Promise.all(
    files.map(async (file, index) =>
      lineRunSource(await fileSource(file), options, files.length === 1 ? '' : `${index}-`),
    ),
  );
  const source = concatRuns(config.annotations, sources);
  if (source.length === 0) {
    throw new DatasetError(
      `${config.annotations} has no lines`,
      'write one JSON object a line, e.g. {"image": "a.jpg", "caption": "a cat"}',
    );
  }
  return runDataset(source);
}

/** Rows of JSON, read when asked for. */
export const jsonl = defineFormat({
  name: 'jsonl',
  title: 'JSON, one object a line (streamed)',
  modalities: ['image', 'video', 'audio'],
  task: 'captions and questions',
  licence: 'yours',
  source: 'yours: a `.jsonl` file, or a folder of them',
  reads: rowReads,
  fields: {
    annotations: path(
      'path of the file, or of a folder whose .jsonl files are read in the order of their names',
    ),
    media: optionalPath('folder that paths are relative to; default that of the file'),
    columns,
  },
  paths: ['annotations', 'media'],
  open,
});
