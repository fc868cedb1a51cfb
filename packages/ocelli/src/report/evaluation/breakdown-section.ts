import { escapeHtml } from '../escape-html.js';
import { formatCount } from '../format-number.js';
import type { EvaluationReport, ReportBreakdown } from './evaluation-data.js';
import { axisEnd, formatInterval, formatValue, intervalBar } from './interval-bar.js';

const shownAtOnce = 15;

function table(breakdown: ReportBreakdown, rows: ReportBreakdown['rows'], end: number): string {
  const lines = rows.map(
    (row) =>
      `<tr><th scope="row"><bdi>${escapeHtml(row.name)}</bdi> <small>${formatCount(row.count)}</small></th><td class="number">${formatValue(row.value, breakdown)}</td><td class="drawn">${intervalBar(row, end)}</td><td class="bounds">${formatInterval(row, breakdown)}</td></tr>`,
  );
  return `<table class="scores"><caption class="unseen">${escapeHtml(breakdown.metric)} by ${escapeHtml(breakdown.title.toLowerCase())}</caption><tbody>${lines.join('\n')}</tbody></table>`;
}

function card(breakdown: ReportBreakdown): string {
  const { title, metric, rows } = breakdown;
  const end = axisEnd(rows, breakdown);
  const [first, rest] = [rows.slice(0, shownAtOnce), rows.slice(shownAtOnce)];
  const more =
    rest.length > 0
      ? `<details><summary>${rest.length} more, with fewer questions each</summary>${table(breakdown, rest, end)}</details>`
      : '';
  return `<div class="card"><h3>${escapeHtml(title)} <small>${escapeHtml(metric)}</small></h3>${table(breakdown, first, end)}${more}</div>`;
}

/** A score by groups of questions, the largest group first, each with its count and interval. */
export function breakdownSection({ breakdowns }: EvaluationReport): string {
  const cards = breakdowns.filter(({ rows }) => rows.length > 0).map(card);
  if (cards.length === 0) return '';
  return `<section id="breakdown"><h2>By kind of question</h2><div class="details">${cards.join('\n')}</div></section>`;
}
