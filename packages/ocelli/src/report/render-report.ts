import { createHash } from 'node:crypto';
import { detailsSection } from './details-section.js';
import { escapeHtml } from './escape-html.js';
import { gallerySection } from './gallery-section.js';
import { headlineSection } from './headline-section.js';
import { lossSection } from './loss-section.js';
import { MediaBook } from './media/media-book.js';
import { questionSection } from './question-section.js';
import { questionTypeSection } from './question-type-section.js';
import type { ReportData } from './report-data.js';
import { REPORT_SCRIPT } from './report-script.js';
import { REPORT_STYLE } from './report-style.js';
import { resultsSection } from './results-section.js';

const LOGO = `<svg class="logo" viewBox="0 0 48 48" aria-hidden="true"><circle cx="24" cy="24" r="21"/><circle cx="24" cy="24" r="12"/><circle cx="24" cy="24" r="5"/></svg>`;

/** `2026-01-31 14:05 UTC` of an ISO date; other text as it is. */
function readableDate(generated: string): string {
  const match = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)[\d:.]*Z$/.exec(generated);
  return match ? `${match[1]} ${match[2]} UTC` : generated;
}

/**
 * A report as one HTML page that holds all it needs: it loads nothing (its Content-Security-Policy forbids it), reads
 * without scripts, follows the reader's light or dark setting, and escapes every text. Parts with no data are left
 * out.
 *
 * @returns the page; write it atomically as UTF-8
 * @throws TypeError if media have an address other than `data:...;base64,...`
 */
export function renderReport(data: ReportData): string {
  const book = new MediaBook();
  const sections = [
    headlineSection(data),
    resultsSection(data),
    lossSection(data),
    gallerySection(data, book),
    questionTypeSection(data),
    questionSection(data, book),
    detailsSection(data),
  ].filter((section) => section !== '');
  const links = sections.flatMap((section) => {
    const match = /^<section id="([\w-]+)"><h2>([^<]*)<\/h2>/.exec(section);
    return match ? [`<a href="#${match[1]}">${match[2]}</a>`] : [];
  });
  const scriptHash = createHash('sha256').update(REPORT_SCRIPT).digest('base64');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; media-src data:; style-src 'unsafe-inline'; script-src 'sha256-${scriptHash}'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="Ocelli">
<title>${escapeHtml(data.title)}</title>
<style>${REPORT_STYLE}
${book.css()}</style>
</head>
<body>
<header class="page">${LOGO}<div><h1>${escapeHtml(data.title)}</h1><p>${escapeHtml(data.subtitle)}</p></div></header>
<nav aria-label="Parts of the report">${links.join('')}</nav>
<main>
${sections.join('\n')}
</main>
<footer>Made by Ocelli, ${escapeHtml(readableDate(data.generated))}</footer>
<script>${REPORT_SCRIPT}</script>
</body>
</html>
`;
}
