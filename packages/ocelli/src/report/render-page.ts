import { createHash } from 'node:crypto';
import { formatBytes } from '../memory/format-bytes.js';
import { escapeHtml } from './escape-html.js';
import type { MediaBook } from './media/media-book.js';
import { REPORT_SCRIPT } from './report-script.js';
import { REPORT_STYLE } from './report-style.js';

const LOGO = `<svg class="logo" viewBox="0 0 48 48" aria-hidden="true"><circle cx="24" cy="24" r="21"/><circle cx="24" cy="24" r="12"/><circle cx="24" cy="24" r="5"/></svg>`;

/** `2026-01-31 14:05 UTC` of an ISO date; other text as it is. */
function readableDate(generated: string): string {
  const match = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)[\d:.]*Z$/.exec(generated);
  return match ? `${match[1]} ${match[2]} UTC` : generated;
}

/** What stands around the sections of a page. */
export interface PageFrame {
  readonly title: string;
  readonly subtitle: string;
  /** When it was made, as ISO 8601 or any readable date. */
  readonly generated: string;
}

/**
 * One HTML page that holds all it needs: it loads nothing (its Content-Security-Policy forbids it), reads without
 * scripts, follows the reader's light or dark setting. Its end says how large it is.
 *
 * @param sections HTML; empty ones are left out, and those that begin with an id and a title are linked at the top
 * @param book the media that they show
 */
export function renderPage(
  { title, subtitle, generated }: PageFrame,
  sections: readonly string[],
  book: MediaBook,
): string {
  const shown = sections.filter((section) => section !== '');
  const links = shown.flatMap((section) => {
    const match = /^<section id="([\w-]+)"><h2>([^<]*)<\/h2>/.exec(section);
    return match ? [`<a href="#${match[1]}">${match[2]}</a>`] : [];
  });
  const [content, style] = [shown.join('\n'), `${REPORT_STYLE}\n${book.css()}`];
  const bytes = Buffer.byteLength(content) + Buffer.byteLength(style) + Buffer.byteLength(REPORT_SCRIPT);
  const scriptHash = createHash('sha256').update(REPORT_SCRIPT).digest('base64');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; media-src data:; style-src 'unsafe-inline'; script-src 'sha256-${scriptHash}'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="Ocelli">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
<header class="page">${LOGO}<div><h1>${escapeHtml(title)}</h1><p>${escapeHtml(subtitle)}</p></div></header>
<nav aria-label="Parts of the report">${links.join('')}</nav>
<main>
${content}
</main>
<footer>Made by Ocelli, ${escapeHtml(readableDate(generated))}; ${formatBytes(bytes)} in one file</footer>
<script>${REPORT_SCRIPT}</script>
</body>
</html>
`;
}
