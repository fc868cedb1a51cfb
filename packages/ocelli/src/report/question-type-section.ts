import { escapeHtml } from './escape-html.js';
import { formatScore, isKnown } from './format-number.js';
import { wordFor } from './media/media-data.js';
import { methodClass } from './method-swatch.js';
import type { ReportData, ReportQuestionType } from './report-data.js';

const within = (percent: number) => Math.min(100, Math.max(0, percent)).toFixed(1);

function group(data: ReportData, entry: ReportQuestionType): string {
  const rows = data.methods.flatMap((method, index) => {
    const accuracy = entry.accuracy[method.name];
    if (!isKnown(accuracy)) return [];
    return [
      `<tr class="${methodClass(index)}"><th scope="row">${escapeHtml(method.label)}</th><td class="track"><i class="fill" style="width:${within(accuracy)}%"></i><i class="mark majority" style="left:${within(entry.majority)}%"></i><i class="mark blind" style="left:${within(entry.blind)}%"></i></td><td class="number">${formatScore(accuracy)}</td></tr>`,
    ];
  });
  return `<div class="type card"><table><caption><strong>${escapeHtml(entry.label ?? entry.type)}</strong>
<span><i class="mark majority"></i> majority ${formatScore(entry.majority)}</span> <span><i class="mark blind"></i> blind ${formatScore(entry.blind)}</span></caption>
<tbody>${rows.join('\n')}</tbody></table></div>`;
}

/** Accuracy by type of question, each method's bar against the majority answer and the blind model. */
export function questionTypeSection(data: ReportData): string {
  if (data.questionTypes.length === 0) return '';
  const word = wordFor(data.questions.map(({ media }) => media));
  return `<section id="question-types"><h2>Answers by type of question</h2>
<p class="note">Accuracy in percent. <i class="mark majority"></i> always giving the most frequent answer; <i class="mark blind"></i> a model trained without the ${word}. What a bar has beyond both lines comes from the ${word}.</p>
<div class="types">${data.questionTypes.map((entry) => group(data, entry)).join('\n')}</div></section>`;
}
