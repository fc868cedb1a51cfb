import { escapeHtml } from './escape-html.js';
import type { ReportCredit, ReportData, ReportRow } from './report-data.js';

function rowsCard(title: string, rows: readonly ReportRow[]): string {
  if (rows.length === 0) return '';
  const items = rows.map(
    ({ name, value }) => `<div><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd></div>`,
  );
  return `<section class="card"><h3>${title}</h3><dl class="facts">${items.join('')}</dl></section>`;
}

function credit({ name, author, licence, url }: ReportCredit): string {
  const isLink = url !== undefined && /^https?:\/\//i.test(url);
  const title = isLink
    ? `<a href="${escapeHtml(url)}" rel="noreferrer">${escapeHtml(name)}</a>`
    : escapeHtml(name);
  const by = author === undefined ? '' : ` by ${escapeHtml(author)}`;
  return `<li>${title}${by} <span class="licence">${escapeHtml(licence)}</span></li>`;
}

/** How to run it again: machine and settings; and whose work it stands on. */
export function detailsSection(data: Pick<ReportData, 'settings' | 'environment' | 'credits'>): string {
  const cards = rowsCard('Settings', data.settings) + rowsCard('Environment', data.environment);
  const credits =
    data.credits.length === 0
      ? ''
      : `<section class="card"><h3>Credits and licences</h3><ul class="credits">${data.credits.map(credit).join('')}</ul></section>`;
  if (cards + credits === '') return '';
  return `<section id="details"><h2>How it was made</h2><div class="details">${cards}</div>${credits}</section>`;
}
