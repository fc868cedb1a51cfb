import { z } from 'zod';
import { useRecords } from '../records/read-records.js';
import { readTable } from '../records/read-table.js';
import { defineFormat, path } from './define-format.js';
import { clipFile } from './media-files.js';
import { SampleCollector } from './sample-collector.js';

const record = z.object({
  filename: z.string().min(1),
  fold: z.string().regex(/^[1-5]$/, 'expected a fold from 1 to 5'),
  category: z.string().min(1),
  esc10: z.string(),
});

const fold = z.number().int().min(1).max(5);

/** ESC-50 as published (Piczak 2015): environmental sounds of 50 kinds. */
export const esc50 = defineFormat({
  name: 'esc-50',
  title: 'ESC-50',
  modalities: ['audio'],
  task: 'questions',
  licence: 'CC BY-NC 3.0 (ESC-10: CC BY 3.0)',
  source: 'https://github.com/karolpiczak/ESC-50 (`meta/esc50.csv`, `audio`)',
  reads:
    'columns `filename`, `fold`, `category` (the answer to "what is this sound?", its _ as spaces), `esc10`. One sample a recording; ' +
    'ids are file names.',
  published: { counted: 'samples', sizes: { all: 2_000, 'all but one fold': 1_600, 'one fold': 400 } },
  fields: {
    annotations: path('path of esc50.csv'),
    audios: path('folder of the recordings'),
    folds: z.array(fold).min(1).optional().describe('which of the five folds; default all'),
    esc10: z.boolean().optional().describe('only the ten kinds of ESC-10; default false'),
  },
  paths: ['annotations', 'audios'],
  async open(config, context) {
    const samples = new SampleCollector();
    await useRecords(readTable(config.annotations, ',', record, context), context, ({ value }) => {
      if (config.folds !== undefined && !config.folds.includes(Number(value.fold))) return;
      if (config.esc10 && value.esc10 !== 'True') return;
      samples.add(
        value.filename,
        { audio: clipFile(config.audios, value.filename) },
        {
          question: {
            id: value.filename,
            question: 'what is this sound?',
            answers: [value.category.replaceAll('_', ' ')],
          },
        },
      );
    });
    return samples.dataset(config.annotations);
  },
});
