import type { Dataset, Sample } from '@ocelli/datasets';
import type { OcelliConfig } from '../config/read-config.js';

/** All samples of a data set, or the first so many; their pictures are not read. */
export async function readSamples(dataset: Dataset, limit = Number.POSITIVE_INFINITY): Promise<Sample[]> {
  const samples: Sample[] = [];
  for await (const sample of dataset) {
    if (samples.length >= limit) break;
    samples.push(sample);
  }
  return samples;
}

/** More samples than this are streamed where the format can. */
const mostInMemory = 100_000;

/** Whether samples of a data set are read when a batch needs them, in place of all at once. */
export function isStreamed(dataset: Dataset, { streamed }: OcelliConfig['data']): boolean {
  return streamed ?? (dataset.runs !== undefined && dataset.length > mostInMemory);
}

/** Samples that stand for a streamed data set where its texts are measured. */
const typical = 10_000;

/** What a plan knows of a data set: the samples that it looks at, and how many there are and are kept in memory. */
export interface PlannedSamples {
  readonly samples: Sample[];
  readonly isStreamed: boolean;
  /** Samples whose features are in memory at once: all, or those of a batch. */
  readonly kept: number;
}

/** The samples to plan with: all, or the first of a streamed data set. @param limit no more than these. */
export async function samplesToPlan(
  dataset: Dataset,
  { data, training }: OcelliConfig,
  limit?: number,
): Promise<PlannedSamples> {
  const streamed = isStreamed(dataset, data);
  const samples = await readSamples(dataset, limit ?? (streamed ? typical : undefined));
  const kept = streamed ? Math.min(training.batchSize, samples.length) : samples.length;
  return { samples, isStreamed: streamed, kept };
}
