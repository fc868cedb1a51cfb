import { dirname } from 'node:path';
import { asyncBufferFromFile, type FileMetaData, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { DatasetError, reasonOf } from '../dataset-error.js';
import { concatRuns } from '../streams/concat-runs.js';
import { keptRuns } from '../streams/kept-runs.js';
import { type RunSource, runDataset } from '../streams/run-dataset.js';
import { sampleOrError } from '../streams/sample-or-error.js';
import { shardPaths } from '../streams/shards.js';
import { defineFormat, optionalPath, path } from './define-format.js';
import { columns, type RowOptions, rowFields, rowReads, rowToSample } from './row.js';

/** Numbers of 64 bits become ordinary ones. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(plain);
  return value;
}

function damaged(file: string, error: unknown): DatasetError {
  return new DatasetError(`cannot read ${file} as Parquet (${reasonOf(error)})`, 'get the file again', {
    cause: error,
  });
}

async function metadataOf(file: string): Promise<FileMetaData> {
  try {
    return await parquetMetadataAsync(await asyncBufferFromFile(file));
  } catch (error) {
    throw damaged(file, error);
  }
}

/** The rows of one file, a row group at a time; only the columns that a sample is made of are read. */
async function rowGroupSource(file: string, options: RowOptions, prefix: string): Promise<RunSource> {
  const metadata = await metadataOf(file);
  const top = new Set(
    metadata.row_groups.flatMap((group) => group.columns.map((one) => one.meta_data?.path_in_schema[0])),
  );
  const names = rowFields.map((field) => options.columns?.[field] ?? field);
  const wanted = [...new Set(names)].filter((name) => top.has(name));
  for (const name of Object.values(options.columns ?? {})) {
    if (!top.has(name)) {
      throw new DatasetError(
        `${file} has no column "${name}"`,
        `it has ${[...top].join(', ')}; correct columns`,
      );
    }
  }
  if (wanted.length === 0) {
    throw new DatasetError(
      `${file} has the columns ${[...top].join(', ')}`,
      `name those of captions, questions and media, e.g. columns: { caption: ${[...top][0]} }`,
    );
  }
  const sizes = metadata.row_groups.map(({ num_rows }) => Number(num_rows));
  const starts = Float64Array.from(sizes);
  let length = 0;
  for (const [group, size] of sizes.entries()) {
    starts[group] = length;
    length += size;
  }
  const bytes = metadata.row_groups.reduce((sum, group) => sum + Number(group.total_byte_size), 0);
  return {
    name: file,
    length,
    runs: { starts, kept: keptRuns(bytes / Math.max(1, sizes.length)) },
    async read(group) {
      const rowStart = starts[group]!;
      let rows: Record<string, unknown>[];
      try {
        rows = await parquetReadObjects({
          file: await asyncBufferFromFile(file),
          metadata,
          compressors,
          columns: wanted,
          rowStart,
          rowEnd: rowStart + sizes[group]!,
          utf8: false,
        });
      } catch (error) {
        throw damaged(file, error);
      }
      return rows.map((row, index) =>
        sampleOrError(() => {
          const number = rowStart + index;
          const values = Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plain(value)]));
          return rowToSample(values, options, `${prefix}${number}`, `${file} row ${number + 1}`);
        }),
      );
    },
  };
}

/** Rows of Parquet files, read a row group at a time. */
export const parquet = defineFormat({
  name: 'parquet',
  title: 'Parquet (streamed)',
  modalities: ['image', 'video', 'audio'],
  task: 'captions and questions',
  licence: 'yours',
  source: 'yours, or a data set of https://huggingface.co/datasets: a `.parquet` file, or a folder of them',
  reads: rowReads,
  fields: {
    annotations: path(
      'path of the file, or of a folder whose .parquet files are read in the order of their names',
    ),
    media: optionalPath('folder that paths are relative to; default that of the file'),
    columns,
  },
  paths: ['annotations', 'media'],
  async open(config) {
    const files = await shardPaths(config.annotations, '.parquet');
    const options = { media: config.media ?? dirname(files[0]!), columns: config.columns };
    const sources = await Promise.all(
      files.map((file, index) => rowGroupSource(file, options, files.length === 1 ? '' : `${index}-`)),
    );
    const source = concatRuns(config.annotations, sources);
    if (source.length === 0) throw new DatasetError(`${config.annotations} has no rows`, 'check the file');
    return runDataset(source);
  },
});
