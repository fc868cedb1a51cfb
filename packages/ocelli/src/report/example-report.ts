import type { ReportMedia } from './media/media-data.js';
import { pngDataUri } from './media/png-data-uri.js';
import type { ReportData, ReportMethod } from './report-data.js';

/** A made-up drawing: a disc on a plain ground, 24 x 24. */
function disc(ink: readonly number[], ground: readonly number[]): ReportMedia {
  const data = new Uint8Array(24 * 24 * 3);
  for (let i = 0; i < 24 * 24; i++) {
    const [x, y] = [(i % 24) - 11.5, Math.floor(i / 24) - 11.5];
    data.set(x * x + y * y < 64 ? ink : ground, i * 3);
  }
  return { kind: 'picture', picture: pngDataUri({ data, width: 24, height: 24, channels: 3 }) };
}

function method(name: string, label: string, share: number, score: number): ReportMethod {
  return {
    name,
    label,
    description: `What ${label} trains.`,
    highlighted: name === 'epalm',
    trainableParameters: Math.round(share * 60_000),
    trainablePercent: share,
    secondsToTrain: 10 + score / 2,
    curve: Array.from({ length: 400 }, (_, i) => ({
      step: i + 1,
      loss: 6 * Math.exp(-i / (60 + score)) + (100 - score) / 60 + 0.05 * Math.sin(i * 1.7),
    })),
    scores: {
      'unseen-artist': { exactMatch: score, cider: score / 20, vqaAccuracy: 40 + score / 2 },
      'unseen-pair': { exactMatch: score * 0.8, cider: score / 25 },
    },
  };
}

/**
 * A small report with made-up numbers, for tests and for looking at the page. No number in it was measured.
 *
 * @param caption what the first method says of the first picture
 * @param media the two things that are seen or heard; default two drawings
 */
export function exampleReport(
  caption = 'a red ball on a blue background',
  media: readonly ReportMedia[] = [disc([214, 60, 50], [70, 120, 200]), disc([250, 200, 40], [80, 150, 90])],
): ReportData {
  const methods = [
    method('epalm', 'eP-ALM', 1.75, 52.1),
    method('limber', 'LiMBeR (1 token)', 0.45, 18.4),
    method('magma', 'MAGMA', 3.2, 40.2),
  ];
  const said = (text: string, right: string) => ({ text, correct: text === right });
  return {
    title: 'Example report',
    subtitle: 'Made-up numbers that show what a report looks like',
    generated: '2026-01-31T14:05:09.000Z',
    metrics: [
      {
        name: 'exactMatch',
        label: 'Exact match',
        description: 'Captions equal to a reference.',
        unit: 'percent',
      },
      { name: 'cider', label: 'CIDEr', description: 'Agreement in rare words.', digits: 2 },
      { name: 'vqaAccuracy', label: 'VQA accuracy', description: 'Right answers.', unit: 'percent' },
    ],
    splits: [
      {
        name: 'unseen-artist',
        label: 'Unseen artist',
        description: 'Drawings by a hand that no model ever saw.',
      },
      { name: 'unseen-pair', label: 'Unseen pair', description: 'Known things in new combinations.' },
    ],
    methods,
    bounds: [
      {
        label: 'Most frequent',
        kind: 'floor',
        description: 'Always the same caption.',
        scores: { 'unseen-artist': { exactMatch: 2, cider: 0.1 } },
      },
      {
        label: 'Linear probe',
        kind: 'ceiling',
        description: 'What the features hold.',
        scores: { 'unseen-artist': { exactMatch: 71 } },
      },
    ],
    samples: media.map((media, i) => ({
      media,
      split: i === 0 ? 'unseen-artist' : 'unseen-pair',
      artist: 'Nobody',
      references: ['a red ball on a blue background', 'one red ball'],
      captions: {
        epalm: said(caption, 'a red ball on a blue background'),
        limber: said('a blue apple', ''),
        magma: said('', 'x'),
      },
    })),
    questions: media.flatMap((media) => [
      {
        media,
        question: 'How many balls?',
        type: 'count',
        answers: ['1', 'one'],
        predictions: { epalm: said('1', '1'), limber: said('3', '1') },
      },
      {
        media,
        question: 'Is there a cat?',
        type: 'yes/no',
        answers: ['no'],
        predictions: { epalm: said('no', 'no'), limber: said('yes', 'no') },
      },
    ]),
    questionTypes: [
      {
        type: 'count',
        label: 'How many?',
        majority: 27,
        blind: 30.5,
        accuracy: { epalm: 81, limber: 44, magma: 66 },
      },
      { type: 'yes/no', majority: 50, blind: 52, accuracy: { epalm: 88, limber: 61 } },
    ],
    environment: [{ name: 'Processor', value: '2 cores' }],
    settings: [{ name: 'Learning rate', value: '1e-2' }],
    credits: [
      { name: 'Some drawings', author: 'Somebody', licence: 'CC BY 4.0', url: 'https://example.org' },
    ],
  };
}
