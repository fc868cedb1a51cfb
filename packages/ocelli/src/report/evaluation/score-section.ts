import { escapeHtml } from '../escape-html.js';
import type { EvaluationReport, ReportScore } from './evaluation-data.js';
import { axisEnd, formatInterval, formatValue, intervalBar } from './interval-bar.js';
import { metricMeanings } from './metric-meanings.js';

function row(score: ReportScore): string {
  const end = axisEnd([score], score);
  return `<tr><th scope="row">${escapeHtml(score.metric)}</th><td class="number">${formatValue(score.value, score)}</td>
<td class="drawn">${intervalBar(score, end)}<small class="axis" aria-hidden="true"><span>0</span><span>${end}</span></small></td>
<td class="bounds">${formatInterval(score, score)}</td></tr>`;
}

function table(data: string, scores: readonly ReportScore[]): string {
  return `<div class="card"><table class="scores"><caption>${escapeHtml(data)}</caption>
<thead><tr><th scope="col">Metric</th><th scope="col">Score</th><td></td><th scope="col">95 % interval</th></tr></thead>
<tbody>${scores.map(row).join('\n')}</tbody></table></div>`;
}

/** Every score with its interval, as numbers and drawn. */
export function scoreSection({ scores }: EvaluationReport): string {
  if (scores.length === 0) return '';
  const byData = new Map<string, ReportScore[]>();
  for (const score of scores) byData.set(score.data, [...(byData.get(score.data) ?? []), score]);
  const known = [...new Set(scores.map(({ metric }) => metric))].flatMap((metric) => {
    const meaning = metricMeanings.find(([name]) => metric.startsWith(name))?.[1];
    return meaning ? [`<div><dt>${escapeHtml(metric)}</dt><dd>${escapeHtml(meaning)}</dd></div>`] : [];
  });
  const legend =
    known.length > 0
      ? `<details><summary>What the scores mean</summary><dl class="facts">${known.join('')}</dl></details>`
      : '';
  return `<section id="scores"><h2>Scores</h2>
<p class="note">The interval is that of the bootstrap: where the score of other samples of the same kind would lie, 95 times of 100.</p>
<div class="details">${[...byData].map(([data, own]) => table(data, own)).join('\n')}</div>${legend}</section>`;
}
