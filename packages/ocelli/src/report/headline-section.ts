import { bestMethods } from './best-methods.js';
import { escapeHtml } from './escape-html.js';
import { formatDuration, formatScore, formatShare } from './format-number.js';
import type { ReportData, ReportMethod, ReportMetric } from './report-data.js';

function scoreOf(data: ReportData, method: ReportMethod, metric: ReportMetric): string {
  const score = formatScore(method.scores[data.splits[0]!.name]?.[metric.name], metric.digits);
  return metric.unit === 'percent' && score !== '–' ? `${score} %` : score;
}

function headlineMethod(data: ReportData): ReportMethod | undefined {
  const [split, metric] = [data.splits[0], data.metrics[0]];
  if (split === undefined || metric === undefined) return undefined;
  const own = data.methods.filter((method) => method.highlighted);
  const candidates = own.length > 0 ? own : data.methods;
  const best = bestMethods(candidates, split.name, metric);
  return candidates.find((method) => best.has(method.name)) ?? candidates[0];
}

/** The four numbers a reader leaves with: of the best highlighted method, on the first split. */
export function headlineSection(data: ReportData): string {
  const method = headlineMethod(data);
  if (method === undefined) return '';
  const split = data.splits[0]!;
  const facts = [
    [formatShare(method.trainablePercent), 'of all parameters are trained'],
    [formatDuration(method.secondsToTrain), 'to train them'],
    ...data.metrics
      .filter((metric) => scoreOf(data, method, metric) !== '–')
      .slice(0, 2)
      .map((metric) => [scoreOf(data, method, metric), metric.label]),
  ];
  const items = facts.map(
    ([value, label]) =>
      `<div><dt>${escapeHtml(label!)}</dt><dd>${escapeHtml(value!).replace(/ (%|s)$/, '<span class="unit"> $1</span>')}</dd></div>`,
  );
  return `<section class="headline" aria-label="In short">
<p><strong>${escapeHtml(method.label)}</strong> on <strong>${escapeHtml(split.label)}</strong></p>
<dl>${items.join('')}</dl>
</section>`;
}
