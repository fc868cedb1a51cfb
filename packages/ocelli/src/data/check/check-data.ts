import { statSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Dataset,
  type DatasetConfig,
  DatasetError,
  datasetFormat,
  type MediaSource,
  mediaSources,
  openDataset,
  type Sample,
} from '@ocelli/datasets';
import type { ProgressReporter } from '../../progress/progress-reporter.js';
import { checkMediaFile } from './check-media-file.js';
import { type Problem, Problems } from './problems.js';
import { type PublishedSize, publishedSize } from './published-size.js';

/** What is in a data set. */
export interface DataCounts {
  samples: number;
  captions: number;
  questions: number;
  /** Questions without a published answer, as in test splits. */
  unanswered: number;
  pictures: number;
  videos: number;
  recordings: number;
}

/** What `checkData` found. */
export interface DataReport {
  readonly name: string;
  readonly format: string;
  readonly counts: Readonly<DataCounts>;
  readonly published: PublishedSize | null;
  /** Ids are compared among so many of the first samples. */
  readonly comparedIds: number;
  /** Empty if nothing is broken. */
  readonly problems: readonly Problem[];
}

export interface CheckDataOptions {
  /** Decode every picture, a frame of every video and every recording too. */
  readonly media: boolean;
  readonly reporter: ProgressReporter;
  readonly signal?: AbortSignal;
}

/** Ids are compared among so many samples; more would fill the memory. */
const comparedIds = 1_000_000;

/** Reads all of a data set and looks at its media, and says what is in it and what is broken. `subset` is left out. */
export async function checkData(config: DatasetConfig, options: CheckDataOptions): Promise<DataReport> {
  const problems = new Problems();
  const counts: DataCounts = {
    samples: 0,
    captions: 0,
    questions: 0,
    unanswered: 0,
    pictures: 0,
    videos: 0,
    recordings: 0,
  };
  const dataset = await open(config, problems, options);
  if (dataset) await checkSamples(dataset, config.format, counts, problems, options);
  return {
    name: dataset?.name ?? nameOf(config),
    format: config.format,
    counts,
    published: publishedSize(config, counts),
    comparedIds: Math.min(comparedIds, counts.samples),
    problems: problems.list(),
  };
}

/** Where the data is said to be. */
function nameOf(config: DatasetConfig): string {
  if ('directory' in config) return config.directory;
  return 'questions' in config ? config.questions : config.annotations;
}

async function open(
  config: DatasetConfig,
  problems: Problems,
  { reporter, signal }: CheckDataOptions,
): Promise<Dataset | null> {
  const { subset: _, ...whole } = config;
  const size = annotationBytes(config);
  const stage = reporter.stage(`read ${config.format}`, Math.max(1, size));
  let read = 0;
  try {
    return await openDataset(
      { ...whole, checkMedia: false },
      {
        onBroken: ({ message }) => problems.add('annotations', message),
        onRead: (bytes) => {
          read += bytes;
          stage.update(Math.min(read, size)); // some formats read their file twice
        },
        ...(signal ? { signal } : {}),
      },
    );
  } catch (error) {
    if (!(error instanceof DatasetError)) throw error;
    problems.add('annotations', error.message);
    return null;
  } finally {
    stage.finish();
  }
}

/** Bytes of the files that a configuration names. */
function annotationBytes(config: DatasetConfig): number {
  const values = config as unknown as Record<string, unknown>;
  const paths =
    'directory' in config
      ? [join(config.directory, config.annotations ?? 'captions.jsonl')]
      : (datasetFormat(config.format)?.paths ?? []).map((field) => values[field]);
  return paths.reduce<number>((sum, path) => {
    const found = typeof path === 'string' ? statSync(path, { throwIfNoEntry: false }) : undefined;
    return sum + (found?.isFile() ? found.size : 0);
  }, 0);
}

async function checkSamples(
  dataset: Dataset,
  format: string,
  counts: DataCounts,
  problems: Problems,
  { media, reporter, signal }: CheckDataOptions,
): Promise<void> {
  const stage = reporter.stage(`check ${format}`, Math.max(1, dataset.length));
  const ids = new Set<string>();
  const atOnce = media ? 8 : 64;
  for (let from = 0; from < dataset.length; from += atOnce) {
    signal?.throwIfAborted();
    const indices = Array.from({ length: Math.min(atOnce, dataset.length - from) }, (_, i) => from + i);
    const samples = await Promise.all(indices.map((index) => sampleAt(dataset, index, problems)));
    const files: MediaSource[] = [];
    for (const sample of samples) {
      if (sample === null) continue;
      count(sample, counts);
      if (ids.has(sample.id)) problems.add('ids', sample.id);
      else if (ids.size < comparedIds) ids.add(sample.id);
      for (const id of repeatedQuestions(sample)) problems.add('ids', id);
      files.push(...differentFiles(sample));
    }
    await Promise.all(files.map((file) => checkMediaFile(file, media, problems)));
    stage.update(from + indices.length);
  }
  stage.finish();
}

async function sampleAt(dataset: Dataset, index: number, problems: Problems): Promise<Sample | null> {
  try {
    return await dataset.sample(index);
  } catch (error) {
    if (!(error instanceof DatasetError)) throw error;
    problems.add('annotations', error.message);
    return null;
  }
}

/** Questions of a sample that share an id, as `ocelli eval` names them: by their number if they have none. */
function repeatedQuestions({ id, text }: Sample): string[] {
  const seen = new Set<string>();
  const names = (text.questions ?? []).map((question, number) => `${id}#${question.id ?? number}`);
  return names.filter((name) => seen.has(name) || !seen.add(name));
}

/** The media of a sample; a video that is also the sound is looked at once. */
function differentFiles({ media }: Sample): MediaSource[] {
  return mediaSources(media).filter(({ kind }) => kind !== 'audio' || media.audio !== media.video);
}

function count({ media, text }: Sample, counts: DataCounts): void {
  counts.samples++;
  counts.captions += text.captions?.length ?? 0;
  counts.questions += text.questions?.length ?? 0;
  counts.unanswered += text.questions?.filter(({ answers }) => answers.length === 0).length ?? 0;
  counts.pictures += (media.image ? 1 : 0) + (media.images?.length ?? 0);
  counts.videos += media.video ? 1 : 0;
  counts.recordings += media.audio ? 1 : 0;
}
