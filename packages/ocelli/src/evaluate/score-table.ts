import type { Interval } from '@ocelli/evaluation';
import { formatTable } from '../terminal/index.js';
import type { ModelEvaluation } from './evaluate-model.js';

interface Row {
  readonly data: string;
  readonly metric: string;
  readonly score: string;
  readonly interval: string;
}

/** A score's factor, digits and unit. */
interface Scale {
  readonly factor: number;
  readonly digits: number;
  readonly unit: string;
}

const share: Scale = { factor: 100, digits: 1, unit: ' %' };
const percent: Scale = { factor: 1, digits: 1, unit: ' %' };
const plain: Scale = { factor: 1, digits: 3, unit: '' };

function row(data: string, metric: string, value: number, scale: Scale, interval?: Interval): Row {
  const { factor, digits, unit } = scale;
  const format = (x: number): string => (factor * x).toFixed(digits);
  return {
    data,
    metric,
    score: `${format(value)}${unit}`,
    interval: interval ? `${format(interval.low)} to ${format(interval.high)}` : '',
  };
}

/** Scores as a table for the terminal, with their 95 % intervals where the evaluation has them. */
export function scoreTable({ captions, answers }: ModelEvaluation): string {
  const rows: Row[] = [];
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
    const { count, vqaAccuracy, perQuestionType, intervals } = answers;
    rows.push(row(`${count} questions`, 'VQA accuracy', vqaAccuracy, percent, intervals?.vqaAccuracy));
    for (const [type, of] of Object.entries(perQuestionType))
      rows.push(row(`  ${of.count} ${type}`, 'VQA accuracy', of.vqaAccuracy, percent));
  }
  const hasIntervals = rows.some(({ interval }) => interval !== '');
  return formatTable(rows, [
    { label: 'Data', value: 'data' },
    { label: 'Metric', value: 'metric' },
    { label: 'Score', value: 'score', align: 'right' },
    ...(hasIntervals ? [{ label: '95 % interval', value: 'interval', align: 'right' } as const] : []),
  ]);
}
