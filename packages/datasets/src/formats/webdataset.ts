import { dirname, extname } from 'node:path';
import { z } from 'zod';
import { DatasetError } from '../dataset-error.js';
import { parseAs } from '../records/read-json.js';
import type { Sample } from '../sample.js';
import { type ByteSource, fileSource } from '../streams/byte-source.js';
import { concatRuns } from '../streams/concat-runs.js';
import { GrowingNumbers } from '../streams/growing-numbers.js';
import { keptRuns } from '../streams/kept-runs.js';
import { type RunSource, runDataset } from '../streams/run-dataset.js';
import { shardPaths } from '../streams/shards.js';
import { type TarEntry, tarEntries } from '../streams/tar-index.js';
import { defineFormat, path } from './define-format.js';
import { columns, type RowOptions, rowToSample } from './row.js';

const mediaEndings: Readonly<Record<string, 'image' | 'video' | 'audio'>> = {
  ...Object.fromEntries(
    ['jpg', 'jpeg', 'png', 'webp', 'gif', 'bmp', 'tif', 'tiff', 'avif'].map((one) => [one, 'image']),
  ),
  ...Object.fromEntries(['mp4', 'webm', 'mkv', 'avi', 'mov'].map((one) => [one, 'video'])),
  ...Object.fromEntries(['wav', 'flac', 'mp3', 'ogg', 'opus', 'm4a'].map((one) => [one, 'audio'])),
};

const object = z.record(z.string(), z.unknown());

/** Samples that are read at once: so many, or fewer that take so many bytes. */
const samplesPerRun = 16;
const bytesPerRun = 4 * 2 ** 20;

/** A path up to the first dot of its last part: the files of a sample share it. */
function keyOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const dot = name.indexOf('.');
  return path.slice(0, path.length - (dot === -1 ? 0 : name.length - dot));
}

/** The entries of one sample after the other. */
async function* groups(source: ByteSource, from = 0): AsyncGenerator<TarEntry[]> {
  let group: TarEntry[] = [];
  for await (const entry of tarEntries(source, from)) {
    if (group.length > 0 && keyOf(entry.path) !== keyOf(group[0]!.path)) {
      yield group;
      group = [];
    }
    group.push(entry);
  }
  if (group.length > 0) yield group;
}

async function sampleOf(
  source: ByteSource,
  group: readonly TarEntry[],
  options: RowOptions,
): Promise<Sample> {
  const key = keyOf(group[0]!.path);
  const where = `${source.name}, ${key}`;
  const row: Record<string, unknown> = {};
  for (const { path, start, size } of group) {
    const ending = extname(path).slice(1).toLowerCase();
    const kind = mediaEndings[ending];
    if (kind === undefined && ending !== 'json' && ending !== 'txt') continue;
    const bytes = await source.read(start, start + size);
    if (ending === 'json')
      Object.assign(row, parseAs(object, bytes.toString('utf8'), `${source.name}, ${path}`));
    else if (ending === 'txt') row[options.columns?.caption ?? 'caption'] = bytes.toString('utf8');
    else row[options.columns?.[kind!] ?? kind!] = { bytes: new Uint8Array(bytes), path };
  }
  return rowToSample({ id: key, ...row }, options, key, where);
}

/** The samples of one archive; 16 bytes are kept for every run of them. */
async function tarSource(file: string, options: RowOptions): Promise<RunSource> {
  const source = await fileSource(file);
  const headers = new GrowingNumbers();
  const starts = new GrowingNumbers();
  let length = 0;
  let samples = 0;
  let runStart = 0;
  for await (const [first] of groups(source)) {
    if (samples === samplesPerRun || first!.header - runStart >= bytesPerRun) samples = 0;
    if (samples === 0) {
      runStart = first!.header;
      headers.push(runStart);
      starts.push(length);
    }
    samples++;
    length++;
  }
  const offsets = headers.values();
  return {
    name: file,
    length,
    runs: { starts: starts.values(), kept: keptRuns(source.size / Math.max(1, offsets.length)) },
    read: (run) => readRun(source, offsets[run]!, offsets[run + 1] ?? source.size, options),
  };
}

/** The samples between two bytes of an archive, which are read at once. */
async function readRun(
  source: ByteSource,
  from: number,
  to: number,
  options: RowOptions,
): Promise<(Sample | DatasetError)[]> {
  const bytes = await source.read(from, to);
  const part: ByteSource = {
    name: source.name,
    size: to,
    read: async (start, end) => bytes.subarray(start - from, end - from),
  };
  const samples: (Sample | DatasetError)[] = [];
  for await (const group of groups(part, from)) {
    try {
      samples.push(await sampleOf(part, group, options));
    } catch (error) {
      if (!(error instanceof DatasetError)) throw error;
      samples.push(error);
    }
  }
  return samples;
}

/** WebDataset: tar archives in which the files of a sample share a name. */
export const webdataset = defineFormat({
  name: 'webdataset',
  title: 'WebDataset (tar, streamed)',
  modalities: ['image', 'video', 'audio'],
  task: 'captions and questions',
  licence: 'yours',
  source: 'yours, https://github.com/webdataset/webdataset: a `.tar` file, or a folder of them',
  reads:
    'files that follow each other and share their path up to the first dot: a picture, video or recording by its ending, `.txt` (a caption) ' +
    'and `.json` (the fields of a row of `jsonl`). The id is the shared path. One sample each.',
  fields: {
    annotations: path(
      'path of the archive, or of a folder whose .tar files are read in the order of their names',
    ),
    columns,
  },
  paths: ['annotations'],
  async open(config) {
    const files = await shardPaths(config.annotations, '.tar');
    const options = { media: dirname(files[0]!), columns: config.columns };
    const source = concatRuns(
      config.annotations,
      await Promise.all(files.map((file) => tarSource(file, options))),
    );
    if (source.length === 0)
      throw new DatasetError(`${config.annotations} has no samples`, 'check the archive');
    return runDataset(source);
  },
});
