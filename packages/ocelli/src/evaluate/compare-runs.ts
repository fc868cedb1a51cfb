import { readFileSync } from 'node:fs';
import {
  approximateRandomization,
  compareCaptions,
  meanOf,
  pairedBootstrap,
  type ScoreComparison,
} from '@ocelli/evaluation';
import { OcelliError } from '@ocelli/ops';
import { z } from 'zod';
import { formatTable } from '../terminal/index.js';
import type { GeneratedCaption, ModelEvaluation } from './evaluate-model.js';

/** What `ocelli eval --json` wrote, as far as a comparison needs it. */
const earlierSchema = z.object({
  captions: z
    .object({
      texts: z.array(z.object({ id: z.string(), caption: z.string(), references: z.array(z.string()) })),
    })
    .nullable(),
  answers: z
    .object({
      texts: z.array(z.object({ id: z.string(), question: z.string() })),
      perSample: z.array(z.object({ vqaAccuracy: z.number() })),
    })
    .nullable(),
});

/** An earlier evaluation of the same data. */
export type EarlierEvaluation = z.infer<typeof earlierSchema>;

/** How this run differs from an earlier one in one score. */
export interface ComparedScore extends ScoreComparison {
  readonly metric: string;
  readonly unit: 'percent' | 'number';
}

/**
 * Reads what `ocelli eval --json` wrote.
 * @throws {OcelliError} if it is another file.
 */
export function readEarlier(path: string): EarlierEvaluation {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new OcelliError(
      'eval',
      `cannot read ${path} (${(error as Error).message}); give a file of --json`,
      {
        cause: error,
      },
    );
  }
  const parsed = earlierSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new OcelliError(
    'eval',
    `${path} holds no evaluation; give a file that ocelli eval --json wrote: ${z.prettifyError(parsed.error)}`,
  );
}

const captionNames = {
  exactMatch: 'exact match',
  cider: 'CIDEr',
  bleu4: 'BLEU-4',
  rougeL: 'ROUGE-L',
  meteor: 'METEOR',
} as const;

/**
 * Compares this run with an earlier one on the same samples, by the paired bootstrap and by approximate randomisation.
 * @throws if they are of other samples, or other references.
 */
export function compareRuns(
  { captions, answers }: ModelEvaluation,
  earlier: EarlierEvaluation,
): ComparedScore[] {
  const compared: ComparedScore[] = [];
  if (captions && earlier.captions) {
    const scores = compareCaptions(captions.texts.map(asSample), earlier.captions.texts.map(asSample));
    for (const [key, metric] of Object.entries(captionNames)) {
      const score = scores[key as keyof typeof captionNames];
      if (score) compared.push({ metric, unit: 'number', ...score });
    }
  }
  if (answers && earlier.answers) compared.push(compareAnswering(answers, earlier.answers));
  if (compared.length === 0)
    throw new OcelliError('eval', 'the runs have nothing in common; compare two of the same data');
  return compared;
}

const asSample = ({ id, caption, references }: GeneratedCaption) => ({ id, references, hypothesis: caption });

function compareAnswering(
  { texts, perSample }: NonNullable<ModelEvaluation['answers']>,
  earlier: NonNullable<EarlierEvaluation['answers']>,
): ComparedScore {
  const keyOf = ({ id, question }: { id: string; question: string }): string => `${id} ${question}`;
  const others = new Map(earlier.texts.map((text, i) => [keyOf(text), earlier.perSample[i]!.vqaAccuracy]));
  const missing = texts.find((text) => !others.has(keyOf(text)));
  if (missing || others.size !== texts.length) {
    throw new OcelliError(
      'eval',
      `the runs have ${texts.length} and ${others.size} questions${missing ? `, and ${missing.id} is in one only` : ''}; compare two of the same data`,
    );
  }
  const first = perSample.map(({ vqaAccuracy }) => vqaAccuracy);
  const second = texts.map((text) => others.get(keyOf(text))!);
  const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
  return {
    metric: 'VQA accuracy',
    unit: 'percent',
    first: mean(first),
    second: mean(second),
    ...pairedBootstrap(meanOf(first), meanOf(second)),
    randomizationPValue: approximateRandomization(meanOf(first), meanOf(second)).pValue,
  };
}

/** The comparison as a table for the terminal. */
export function comparisonTable(compared: readonly ComparedScore[], name: string): string {
  const rows = compared.map(({ metric, unit, first, second, difference, low, high, pValue, ...others }) => {
    const format = (value: number): string => value.toFixed(unit === 'percent' ? 1 : 3);
    return {
      metric,
      first: format(first),
      second: format(second),
      difference: `${difference >= 0 ? '+' : ''}${format(difference)}`,
      range: `${format(low)} to ${format(high)}`,
      p: `${pValue.toFixed(3)}, ${others.randomizationPValue.toFixed(3)}`,
    };
  });
  const table = formatTable(rows, [
    { label: 'Metric', value: 'metric' },
    { label: 'This run', value: 'first', align: 'right' },
    { label: 'The other', value: 'second', align: 'right' },
    { label: 'Difference', value: 'difference', align: 'right' },
    { label: '95 % interval', value: 'range', align: 'right' },
    { label: 'p (bootstrap, randomisation)', value: 'p', align: 'right' },
  ]);
  return `Compared with ${name}, sample by sample:\n${table}`;
}
