import type { Interval } from '@ocelli/evaluation';
import type { ReportBreakdown, ReportNumber, ReportScore } from '../../report/index.js';
import type { NamedMetric } from '../metrics/named-metric.js';

/** In the page's unit: a share is told in percent. */
function reportNumber(
  { unit }: Pick<NamedMetric, 'unit'>,
  value: number,
  interval: Interval | undefined,
): ReportNumber & Pick<ReportScore, 'unit' | 'digits'> {
  const factor = unit === 'share' ? 100 : 1;
  return {
    value: factor * value,
    ...(interval && { low: factor * interval.low, high: factor * interval.high }),
    ...(unit === 'share' ? { unit: 'percent', digits: 1 } : { unit: 'number', digits: 3 }),
  };
}

/** Every score over all samples. */
export function reportScores(metrics: readonly NamedMetric[]): ReportScore[] {
  return metrics.map((metric) => ({
    data: `${metric.count} ${metric.of === 'answers' ? 'questions' : 'captions'}`,
    metric: metric.name,
    ...reportNumber(metric, metric.value, metric.interval),
  }));
}

/** The same scores by what divides the data, such as the type of question; the largest group first. */
export function reportBreakdowns(metrics: readonly NamedMetric[]): ReportBreakdown[] {
  return metrics.flatMap((metric) =>
    (metric.breakdowns ?? []).map(({ by, groups }) => ({
      title: `${by[0]!.toUpperCase()}${by.slice(1)}`,
      metric: metric.name,
      ...(metric.unit === 'share' ? { unit: 'percent' as const } : { digits: 3 }),
      rows: groups
        .map(({ name, value, count, interval }) => {
          const { unit: _, digits: __, ...number } = reportNumber(metric, value, interval);
          return { name, count, ...number };
        })
        .sort((a, b) => b.count - a.count),
    })),
  );
}
