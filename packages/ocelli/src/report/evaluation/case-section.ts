import { chooser } from '../chooser.js';
import { escapeHtml } from '../escape-html.js';
import type { MediaBook } from '../media/media-book.js';
import type { ReportCase, ReportCases } from './evaluation-data.js';
import { formatValue } from './interval-bar.js';

function card(one: ReportCase, cases: ReportCases, book: MediaBook): string {
  const { id, media, fault, question, references, text, score } = one;
  const [reference, ...others] = references;
  const own = (words: string) => `<bdi>${escapeHtml(words)}</bdi>`;
  const shown = media
    ? book.show(media, reference ?? id)
    : `<p class="missing">Not shown: ${escapeHtml(fault ?? 'it cannot be read')}</p>`;
  const asked = question === undefined ? '' : `<h4 dir="auto">${escapeHtml(question)}</h4>`;
  const more =
    others.length > 0
      ? `<details><summary>${others.length} more</summary><ul class="more">${others.map((other) => `<li>${own(other)}</li>`).join('')}</ul></details>`
      : '';
  return `<article class="sample card">${shown}
<div>${asked}<p class="reference"><span class="label">${question === undefined ? 'Reference' : 'Answer'}</span> ${own(reference ?? '–')}</p>${more}
<dl class="captions"><div><dt>Model</dt><dd>${text === '' ? '<em>nothing</em>' : own(text)}</dd></div>
<div><dt>${escapeHtml(cases.metric)}</dt><dd>${formatValue(score, cases)}</dd></div></dl><p class="artist">${own(id)}</p></div></article>`;
}

/** What the model said: cases drawn from the data, the worst and the best, a tab each. */
export function caseSection(cases: ReportCases, number: number, book: MediaBook): string {
  const lists = cases.lists.filter((list) => list.cases.length > 0);
  if (lists.length === 0) return '';
  const choices = lists.map(({ label, note, cases: chosen }) => ({
    tab: escapeHtml(label),
    panel: `<h3>${escapeHtml(label)}</h3><p class="note">${escapeHtml(note)}</p><div class="gallery">${chosen.map((one) => card(one, cases, book)).join('\n')}</div>`,
  }));
  const title = escapeHtml(cases.title);
  return `<section id="cases-${number}"><h2>${title}</h2>
${chooser(`cases-${number}-list`, `Which ${cases.title.toLowerCase()}`, 'pills', choices)}</section>`;
}
