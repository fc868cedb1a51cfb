import { bestMethods } from './best-methods.js';
import { chooser } from './chooser.js';
import { escapeHtml } from './escape-html.js';
import { formatCount, formatDuration, formatScore, formatShare, isKnown } from './format-number.js';
import { methodClass, methodSwatch } from './method-swatch.js';
import type { ReportData, ReportMetric, ReportScores, ReportSplit } from './report-data.js';

/** What a full bar means: 100 for percentages, the largest score shown for other numbers. */
function fullBar(data: ReportData, split: ReportSplit, metric: ReportMetric): number {
  if (metric.unit === 'percent') return 100;
  const rows = [...data.methods, ...data.bounds];
  const scores = rows.map(({ scores }) => scores[split.name]?.[metric.name]).filter(isKnown);
  return Math.max(...scores, Number.MIN_VALUE);
}

function scoreCell(
  score: number | undefined,
  spread: number | undefined,
  metric: ReportMetric,
  full: number,
  isBest: boolean,
): string {
  if (!isKnown(score)) return '<td class="score none">–</td>';
  const share = Math.min(100, Math.max(0, (100 * score) / full));
  const mark = isBest
    ? '<span class="star" aria-hidden="true">★</span><span class="unseen">best: </span>'
    : '';
  const range = isKnown(spread) ? `<small> ± ${formatScore(spread, metric.digits)}</small>` : '';
  return `<td class="score${isBest ? ' best' : ''}">${mark}${formatScore(score, metric.digits)}${range}<span class="bar"><i style="width:${share.toFixed(1)}%"></i></span></td>`;
}

function table(data: ReportData, split: ReportSplit): string {
  const scored = ({ scores }: { readonly scores: ReportScores }) => scores[split.name] !== undefined;
  const metrics = data.metrics.filter((metric) =>
    [...data.methods, ...data.bounds].some(({ scores }) => isKnown(scores[split.name]?.[metric.name])),
  );
  const columns = metrics.map((metric) => ({
    metric,
    full: fullBar(data, split, metric),
    best: bestMethods(data.methods, split.name, metric),
  }));
  const methods = data.methods.map((method, index) => {
    const cells = columns.map(({ metric, full, best }) =>
      scoreCell(
        method.scores[split.name]?.[metric.name],
        method.spread?.[split.name]?.[metric.name],
        metric,
        full,
        best.has(method.name),
      ),
    );
    return `<tr class="${methodClass(index)}${method.highlighted ? ' own' : ''}">
<th scope="row">${methodSwatch(index)}${escapeHtml(method.label)}</th>
<td class="share"><strong>${formatShare(method.trainablePercent)}</strong><small>${formatCount(method.trainableParameters)}</small></td>
${cells.join('')}<td class="time">${formatDuration(method.secondsToTrain)}</td></tr>`;
  });
  const bounds = data.bounds.filter(scored).map((bound) => {
    const cells = columns.map(({ metric, full }) =>
      scoreCell(bound.scores[split.name]?.[metric.name], undefined, metric, full, false),
    );
    return `<tr class="bound"><th scope="row">${escapeHtml(bound.label)}</th><td class="kind">${bound.kind}</td>${cells.join('')}<td></td></tr>`;
  });
  const heads = metrics.map(
    (metric) =>
      `<th scope="col">${escapeHtml(metric.label)}${metric.unit === 'percent' ? ' <small>%</small>' : ''}</th>`,
  );
  return `<p class="note">${escapeHtml(split.description)}</p>
<div class="scroll" tabindex="0" role="region" aria-label="Results on ${escapeHtml(split.label)}"><table class="results">
<thead><tr><th scope="col">Method</th><th scope="col">Trained</th>${heads.join('')}<th scope="col">Time</th></tr></thead>
<tbody>${methods.join('\n')}</tbody>${bounds.length > 0 ? `<tbody class="bounds">${bounds.join('\n')}</tbody>` : ''}
</table></div>`;
}

function legend(data: ReportData): string {
  const entries = [
    ...data.methods.map(({ label, description }) => ({ label, description })),
    ...data.bounds.map(({ label, description }) => ({ label, description })),
    {
      label: 'Trained',
      description:
        'The share of all parameters, frozen backbones included, that training changes; below it, their number.',
    },
    ...data.metrics.map(({ label, description }) => ({ label, description })),
  ];
  const items = entries.map(
    ({ label, description }) => `<div><dt>${escapeHtml(label)}</dt><dd>${escapeHtml(description)}</dd></div>`,
  );
  return `<details><summary>What the rows and columns mean</summary><dl class="facts">${items.join('')}</dl></details>`;
}

/** The table of scores, a tab for each split: bars, the best of each column marked, bounds below the methods. */
export function resultsSection(data: ReportData): string {
  if (data.methods.length === 0 || data.splits.length === 0) return '';
  const choices = data.splits.map((split) => ({
    tab: escapeHtml(split.label),
    panel: `<h3>${escapeHtml(split.label)}</h3>${table(data, split)}`,
  }));
  return `<section id="results"><h2>Results</h2>
${chooser('results', 'Split', 'pills', choices)}
<p class="key"><span class="star" aria-hidden="true">★</span> best of its column</p>
${legend(data)}</section>`;
}
