import { formatTable } from '../terminal/index.js';
import type { ModelEvaluation } from './evaluate-model.js';
import type { NamedMetric } from './metrics/named-metric.js';

interface Row {
  readonly data: string;
  readonly metric: string;
  readonly score: string;
  readonly interval: string;
}

function row(data: string, { name, value, unit, interval }: RowMetric): Row {
  const format = (x: number): string => (unit === 'share' ? (100 * x).toFixed(1) : x.toFixed(3));
  return {
    data,
    metric: name,
    score: `${format(value)}${unit === 'share' ? ' %' : ''}`,
    interval: interval ? `${format(interval.low)} to ${format(interval.high)}` : '',
  };
}

type RowMetric = Pick<NamedMetric, 'name' | 'value' | 'unit'> & {
  readonly interval?: NamedMetric['interval'] | undefined;
};

/** Scores as a table for the terminal, with their 95 % intervals where the evaluation has them. */
export function scoreTable({ metrics }: Pick<ModelEvaluation, 'metrics'>): string {
  const rows = metrics.flatMap((metric) => [
    row(`${metric.count} ${metric.of === 'answers' ? 'questions' : 'captions'}`, metric),
    ...(metric.breakdowns ?? []).flatMap(({ groups }) =>
      groups.map(({ name, value, count }) =>
        row(`  ${count} ${name}`, { ...metric, value, interval: undefined }),
      ),
    ),
  ]);
  const hasIntervals = rows.some(({ interval }) => interval !== '');
  return formatTable(rows, [
    { label: 'Data', value: 'data' },
    { label: 'Metric', value: 'metric' },
    { label: 'Score', value: 'score', align: 'right' },
    ...(hasIntervals ? [{ label: '95 % interval', value: 'interval', align: 'right' } as const] : []),
  ]);
}
