import { OcelliError } from '@ocelli/ops';
import { nearest } from '../../config/nearest.js';
import { answerMetrics } from './answer-metrics.js';
import { captionMetricIds } from './caption-metrics.js';

/** Every name that `--metrics` takes. */
export const metricNames: readonly string[] = [
  ...new Set([...captionMetricIds, ...answerMetrics.map(({ id }) => id)]),
];

/** Names separated by commas. @throws {OcelliError} for one that is unknown. */
export function parseMetricNames(text: string): string[] {
  return text.split(',').map((part) => checkMetricName(part.trim()));
}

function checkMetricName(name: string): string {
  if (metricNames.includes(name)) return name;
  const guess = nearest(name, metricNames);
  throw new OcelliError(
    'eval',
    `there is no metric "${name}"; ${guess ? `did you mean "${guess}"? There are` : 'choose'} ${metricNames.join(', ')}`,
  );
}
