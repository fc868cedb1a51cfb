import { chooser } from './chooser.js';
import { escapeHtml } from './escape-html.js';
import type { MediaBook } from './media/media-book.js';
import { wordFor } from './media/media-data.js';
import { methodSwatch } from './method-swatch.js';
import type { ReportData, ReportSample } from './report-data.js';
import { verdict } from './verdict.js';

function card(data: ReportData, sample: ReportSample, book: MediaBook): string {
  const [reference, ...others] = sample.references;
  const captions = data.methods.flatMap((method, index) => {
    const caption = sample.captions[method.name];
    if (caption === undefined) return [];
    return [
      `<div class="${caption.correct ? 'is-right' : 'is-wrong'}"><dt>${methodSwatch(index)}${escapeHtml(method.label)}</dt><dd>${verdict(caption.correct)}<span>${escapeHtml(caption.text) || '<em>nothing</em>'}</span></dd></div>`,
    ];
  });
  const more =
    others.length > 0
      ? `<details><summary>${others.length} more</summary><ul class="more">${others.map((other) => `<li>${escapeHtml(other)}</li>`).join('')}</ul></details>`
      : '';
  const artist = sample.artist === '' ? '' : `<p class="artist">${escapeHtml(sample.artist)}</p>`;
  return `<article class="sample card">${book.show(sample.media, reference ?? 'no reference')}
<div><p class="reference"><span class="label">Reference</span> ${escapeHtml(reference ?? '–')}</p>${more}${artist}
<dl class="captions">${captions.join('')}</dl></div></article>`;
}

/** Media shown large, each with its references and what every method said of it; a tab for each split. */
export function gallerySection(data: ReportData, book: MediaBook): string {
  if (data.samples.length === 0) return '';
  const word = wordFor(data.samples.map(({ media }) => media));
  const labels = new Map(data.splits.map(({ name, label }) => [name, label]));
  const bySplit = new Map<string, ReportSample[]>(data.splits.map(({ name }) => [name, []]));
  for (const sample of data.samples) {
    bySplit.set(sample.split, [...(bySplit.get(sample.split) ?? []), sample]);
  }
  const choices = [...bySplit]
    .filter(([, samples]) => samples.length > 0)
    .map(([split, samples]) => {
      const label = escapeHtml(labels.get(split) ?? split);
      const cards = samples.map((sample) => card(data, sample, book));
      return { tab: label, panel: `<h3>${label}</h3><div class="gallery">${cards.join('\n')}</div>` };
    });
  return `<section id="captions"><h2>Captions</h2>
<p class="note">Held-out ${word}s beside the words people would use and the words each method found. ${verdict(true)} the whole caption is right, ${verdict(false)} it is not.</p>
${chooser('captions', `Split of the ${word}s`, 'pills', choices)}</section>`;
}
