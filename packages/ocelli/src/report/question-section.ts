import { chooser } from './chooser.js';
import { escapeHtml } from './escape-html.js';
import { groupByMedia, type MediaBook } from './media/media-book.js';
import { addressOf, wordFor } from './media/media-data.js';
import { methodSwatch } from './method-swatch.js';
import type { ReportData, ReportQuestion } from './report-data.js';
import { verdict } from './verdict.js';

function answers(data: ReportData, question: ReportQuestion): string {
  const rows = data.methods.flatMap((method, index) => {
    const prediction = question.predictions[method.name];
    if (prediction === undefined) return [];
    return [
      `<tr><th scope="row">${methodSwatch(index)}${escapeHtml(method.label)}</th><td>${verdict(prediction.correct)}${escapeHtml(prediction.text) || '<em>nothing</em>'}</td></tr>`,
    ];
  });
  return `<h4>${escapeHtml(question.question)}</h4>
<p class="truth"><span class="label">Answer</span> ${question.answers.map(escapeHtml).join(' <span class="or">or</span> ') || '–'}</p>
<table class="plain"><caption class="unseen">What each method answered</caption><tbody>${rows.join('')}</tbody></table>`;
}

/** The reader picks a picture, video or recording, then one of its questions, and sees what every method answered. */
export function questionSection(data: ReportData, book: MediaBook): string {
  if (data.questions.length === 0) return '';
  const references = new Map(data.samples.map(({ media, references }) => [addressOf(media), references[0]]));
  const word = wordFor(data.questions.map(({ media }) => media));
  const choices = [...groupByMedia(data.questions)].map(([address, questions], i) => {
    const description = references.get(address) ?? `${word} ${i + 1}`;
    const { media } = questions[0]!;
    const inner = questions.map((question) => ({
      tab: `<span>${escapeHtml(question.question)}</span><small>${escapeHtml(question.type)}</small>`,
      panel: answers(data, question),
    }));
    return {
      tab: book.thumbnail(media, description),
      panel: `<div class="asked card">${book.show(media, description)}${chooser(`question-${i}`, 'Question', 'list', inner)}</div>`,
    };
  });
  return `<section id="questions"><h2>Ask</h2>
<p class="note scripted">Pick a ${word}, then a question.</p>
${chooser('questions', `Choose a ${word}`, 'thumbnails', choices)}</section>`;
}
