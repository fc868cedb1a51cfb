import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, EvaluationError } from '../evaluation-error.js';
import { type JarOptions, startJava } from '../java/start-java.js';
import { mean } from '../mean.js';
import { checkTokenizedSamples, type TokenizedSample } from '../tokenized-sample.js';

/** SPICE of a corpus (mean over samples) and of every sample, fractions 0..1. */
export interface SpiceResult {
  name: 'SPICE';
  spice: number;
  perSample: number[];
  /** Mean F-score of each kind of tuple (Object, Relation, Attribute, Color ...) over the samples that have one. */
  perCategory: Record<string, number>;
}

/** Options of {@link spiceFromJar}. */
export interface SpiceOptions extends JarOptions {
  /** Folder in which SPICE keeps parsed references for the next run. Default: none are kept. */
  readonly cache?: string;
}

type Scores = Record<string, { f: number | null } | undefined>;

function fail(fact: string): never {
  throw new EvaluationError('spiceFromJar', fact, 'pass spice-1.0.jar, with its lib folder beside it');
}

function readScores(text: string, count: number): Scores[] {
  let items: unknown;
  try {
    items = JSON.parse(text);
  } catch {
    fail(`the jar wrote ${describe(text)}, not JSON`);
  }
  if (!Array.isArray(items)) fail('the jar wrote no array of results');
  const byIndex = new Map<unknown, Scores>();
  for (const item of items as { image_id?: unknown; scores?: Scores }[]) {
    if (item?.scores) byIndex.set(item.image_id, item.scores);
  }
  return Array.from(
    { length: count },
    (_, i) => byIndex.get(i) ?? fail(`the jar wrote nothing about sample ${i}`),
  );
}

/**
 * SPICE (Anderson et al., ECCV 2016) by its authors' program, called as the COCO caption evaluation calls it. It
 * needs the Stanford parser beside it and about 8 GB of memory. An F-score that the program leaves open counts as 0.
 *
 * @param samples tokens, see {@link TokenizedSample}
 * @throws EvaluationError if there are no samples, the jar or Java is missing, or the program fails
 */
export async function spiceFromJar(
  samples: readonly TokenizedSample[],
  options: SpiceOptions,
): Promise<SpiceResult> {
  checkTokenizedSamples('spiceFromJar', samples);
  const directory = await mkdtemp(join(tmpdir(), 'ocelli-spice-'));
  try {
    const input = join(directory, 'captions.json');
    const output = join(directory, 'scores.json');
    const captions = samples.map(({ hypothesis, references }, i) => ({
      image_id: i,
      test: hypothesis.join(' '),
      refs: references.map((tokens) => tokens.join(' ')),
    }));
    await writeFile(input, JSON.stringify(captions));
    const { process, ended } = startJava('spiceFromJar', { memory: '8G', ...options }, [
      input,
      ...(options.cache === undefined ? [] : ['-cache', resolve(options.cache)]),
      '-out',
      output,
      '-subset',
      '-silent',
    ]);
    process.stdin.end();
    process.stdout.resume();
    await ended;
    const text = await readFile(output, 'utf8').catch(() => fail('the jar wrote no scores'));
    return summarize(readScores(text, samples.length));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function summarize(scores: readonly Scores[]): SpiceResult {
  const perSample = scores.map((own) => own.All?.f ?? 0);
  const categories = new Set(scores.flatMap((own) => Object.keys(own)));
  categories.delete('All');
  const perCategory: Record<string, number> = {};
  for (const category of categories) {
    const values = scores.map((own) => own[category]?.f).filter((value) => typeof value === 'number');
    if (values.length > 0) perCategory[category] = mean(values);
  }
  return { name: 'SPICE', spice: mean(perSample), perSample, perCategory };
}
