import type { Interval } from '@ocelli/evaluation';
import { formatTable } from '../terminal/index.js';
import type { ModelEvaluation } from './evaluate-model.js';

/** A score as a person reads it. */
export interface ScoreRow {
  /** What was scored, e.g. `200 captions`. */
  readonly data: string;
  readonly metric: string;
  /** In the unit of `scale`. */
  readonly value: number;
  readonly scale: Scale;
  /** 95 %, in the same unit. */
  readonly interval?: { readonly low: number; readonly high: number };
}

/** A score's factor, digits and unit. */
export interface Scale {
  readonly factor: number;
  readonly digits: number;
  readonly unit: string;
}

const share: Scale = { factor: 100, digits: 1, unit: ' %' };
const percent: Scale = { factor: 1, digits: 1, unit: ' %' };
const plain: Scale = { factor: 1, digits: 3, unit: '' };

function row(data: string, metric: string, value: number, scale: Scale, interval?: Interval): ScoreRow {
  const { factor } = scale;
  return {
    data,
    metric,
    value: factor * value,
    scale,
    ...(interval && { interval: { low: factor * interval.low, high: factor * interval.high } }),
  };
}

/** Every score over all samples. */
export function scoreRows({ captions, answers }: ModelEvaluation): ScoreRow[] {
  const rows: ScoreRow[] = [];
  if (captions) {
    const { count, intervals = {} } = captions;
    const data = `${count} captions`;
    rows.push(
      row(data, 'exact match', captions.exactMatch, share, intervals.exactMatch),
      row(data, 'CIDEr', captions.cider, plain, intervals.cider),
      row(data, 'BLEU-4', captions.bleu4, plain, intervals.bleu4),
      row(data, 'ROUGE-L', captions.rougeL, plain, intervals.rougeL),
      row(data, captions.meteorName, captions.meteor, plain, intervals.meteor),
    );
  }
  if (answers) {
    const { count, vqaAccuracy, intervals } = answers;
    rows.push(row(`${count} questions`, 'VQA accuracy', vqaAccuracy, percent, intervals?.vqaAccuracy));
  }
  return rows;
}

/** Scores as a table for the terminal, by type of question too, with their 95 % intervals where the evaluation has them. */
export function scoreTable(evaluation: ModelEvaluation): string {
  const perType = Object.entries(evaluation.answers?.perQuestionType ?? {}).map(([type, of]) =>
    row(`  ${of.count} ${type}`, 'VQA accuracy', of.vqaAccuracy, percent),
  );
  const rows = [...scoreRows(evaluation), ...perType].map(({ data, metric, value, scale, interval }) => {
    const { digits, unit } = scale;
    return {
      data,
      metric,
      score: `${value.toFixed(digits)}${unit}`,
      interval: interval ? `${interval.low.toFixed(digits)} to ${interval.high.toFixed(digits)}` : '',
    };
  });
  const hasIntervals = rows.some(({ interval }) => interval !== '');
  return formatTable(rows, [
    { label: 'Data', value: 'data' },
    { label: 'Metric', value: 'metric' },
    { label: 'Score', value: 'score', align: 'right' },
    ...(hasIntervals ? [{ label: '95 % interval', value: 'interval', align: 'right' } as const] : []),
  ]);
}
