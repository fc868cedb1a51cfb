import { formatScore, isKnown } from './format-number.js';
import type { ReportMethod, ReportMetric } from './report-data.js';

/**
 * Which methods hold the best score of a column. Scores that read the same share the place; a single scored method
 * has nobody to beat and gets no mark.
 *
 * @returns names of methods
 */
export function bestMethods(
  methods: readonly ReportMethod[],
  split: string,
  metric: ReportMetric,
): ReadonlySet<string> {
  const scored = methods.flatMap((method) => {
    const score = method.scores[split]?.[metric.name];
    return isKnown(score) ? [{ name: method.name, score }] : [];
  });
  if (scored.length < 2) return new Set();
  const scores = scored.map(({ score }) => score);
  const best = metric.lowerIsBetter ? Math.min(...scores) : Math.max(...scores);
  const shown = formatScore(best, metric.digits);
  return new Set(
    scored.filter(({ score }) => formatScore(score, metric.digits) === shown).map(({ name }) => name),
  );
}
