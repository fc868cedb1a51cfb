import type { ReportMedia } from '../media/media-data.js';
import type { EvaluationReport, ReportCase } from './evaluation-data.js';

/**
 * A small evaluation with made-up numbers, for tests and for looking at the page. No number in it was measured.
 *
 * @param media what is seen or heard, at least one
 * @param text what the model says of all of them
 */
export function exampleEvaluation(
  media: readonly ReportMedia[],
  text = 'a red ball on a blue background',
): EvaluationReport {
  const cases: ReportCase[] = media.map((one, i) => ({
    id: `sample ${i}`,
    media: one,
    references: ['a red ball on a blue background', 'one red ball'],
    text,
    score: i / 2,
  }));
  const lost: ReportCase = { ...cases[0]!, id: 'lost', media: null, fault: 'no such file' };
  const data = `${media.length} captions`;
  return {
    title: 'Evaluation of an example',
    subtitle: 'Made-up numbers that show what a report looks like',
    generated: '2026-01-31T14:05:09.000Z',
    scores: [
      { data, metric: 'exact match', value: 52.125, low: 48, high: 56.25, unit: 'percent' },
      { data, metric: 'CIDEr', value: 1.234, low: 1.1, high: 2.5, digits: 3 },
      { data: '40 questions', metric: 'VQA accuracy', value: 66, unit: 'percent' },
    ],
    curves: [
      {
        label: 'training',
        curve: Array.from({ length: 50 }, (_, i) => ({ step: i + 1, loss: 5 / (i + 1) })),
      },
      {
        label: 'validation',
        curve: [
          { step: 25, loss: 1 },
          { step: 50, loss: 0.5 },
        ],
      },
    ],
    cases: [
      {
        title: 'Captions',
        metric: 'CIDEr',
        digits: 2,
        lists: [
          { label: 'All', note: 'All of them.', cases: [...cases, lost] },
          { label: 'Worst', note: 'The lowest.', cases: cases.slice(0, 1) },
        ],
      },
      {
        title: 'Answers',
        metric: 'VQA accuracy',
        unit: 'percent',
        lists: [
          {
            label: 'All',
            note: 'All of them.',
            cases: cases.map((one) => ({ ...one, question: 'How many balls?', score: 30 })),
          },
        ],
      },
    ],
    breakdowns: [
      {
        title: 'Type of question',
        metric: 'VQA accuracy',
        unit: 'percent',
        rows: Array.from({ length: 20 }, (_, i) => ({
          name: `type ${i}`,
          count: 100 - i,
          value: 5 * i,
          low: 4 * i,
          high: Math.min(100, 6 * i),
        })),
      },
    ],
    settings: [{ name: 'Beams', value: '4' }],
    environment: [{ name: 'Processor', value: '2 cores' }],
  };
}
