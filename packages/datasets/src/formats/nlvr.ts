import { basename, join } from 'node:path';
import { z } from 'zod';
import { DatasetError } from '../dataset-error.js';
import { readLines, useRecords } from '../records/read-records.js';
import type { Question } from '../sample.js';
import { defineFormat, path } from './define-format.js';
import { textOrNumber } from './fields.js';
import { imageFile } from './media-files.js';
import { SampleCollector } from './sample-collector.js';

const label = z
  .union([z.string(), z.boolean()])
  .transform((value) => String(value).toLowerCase())
  .pipe(z.enum(['true', 'false']));

const pairRecord = z.object({
  identifier: z.string(),
  sentence: z.string(),
  label: label.optional(),
  directory: textOrNumber.optional(),
});

const choices = ['true', 'false'];

/** A sentence that is true or false, as a question with the answers of VL-T5. */
function statement(sentence: string, answer: 'true' | 'false' | undefined): Question {
  return {
    question: sentence,
    choices,
    ...(answer === undefined ? { answers: [] } : { answers: [answer], correct: choices.indexOf(answer) }),
  };
}

/** NLVR2 as published (Suhr et al. 2019): sentences about two photographs. */
export const nlvr2 = defineFormat({
  name: 'nlvr2',
  title: 'NLVR2',
  modalities: ['image'],
  task: 'questions',
  licence: 'annotations CC BY 4.0; pictures on request, for research only',
  source: 'https://github.com/lil-lab/nlvr (`nlvr2/data/*.json`), pictures by its form',
  reads:
    'one object a line: `identifier` (split-set-pair-sentence), `sentence`, `label`, `directory` (train). Pictures ' +
    '`split-set-pair-img0.png` and `-img1.png`. One sample a pair; a sentence is a question with the choices true and false, ' +
    'and sentences of one set and number are a group, which consistency counts.',
  published: { counted: 'questions', sizes: { train: 86_373, dev: 6_982, test1: 6_967, test2: 6_970 } },
  fields: {
    annotations: path('path of train.json, dev.json or test1.json'),
    images: path('folder of the pictures of this split (of train: the one with the numbered folders)'),
  },
  paths: ['annotations', 'images'],
  async open(config, context) {
    const samples = new SampleCollector();
    const records = readLines(config.annotations, pairRecord, context);
    await useRecords(
      records,
      context,
      ({ value: { identifier, sentence, label, directory = '' }, where }) => {
        const [split, set, pair, number] = identifier.split('-');
        if (number === undefined) {
          throw new DatasetError(
            `${where}: the identifier is "${identifier}"`,
            'write split-set-pair-sentence',
          );
        }
        const id = `${split}-${set}-${pair}`;
        samples.add(
          id,
          { images: [0, 1].map((side) => imageFile(config.images, directory, `${id}-img${side}.png`)) },
          { question: { id: identifier, ...statement(sentence, label), group: `${split}-${set}-${number}` } },
        );
      },
    );
    return samples.dataset(config.annotations);
  },
});

/** NLVR as published (Suhr et al. 2017): sentences about drawings of three boxes, each in six orders. */
export const nlvr = defineFormat({
  name: 'nlvr',
  title: 'NLVR',
  modalities: ['image'],
  task: 'questions',
  licence: 'CC BY 4.0',
  source: 'https://github.com/lil-lab/nlvr (`nlvr/train`, `nlvr/dev`, `nlvr/test`)',
  reads:
    'one object a line: `identifier` (n-m), `sentence`, `label`, `directory`. Six pictures a line, ' +
    '`images/<directory>/<split>-n-m-k.png`; one sample a picture; those of one sentence (n) are a group, which consistency counts.',
  published: { counted: 'questions', sizes: { train: 74_460, dev: 5_940, test: 5_934 } },
  fields: {
    annotations: path('path of train.json, dev.json or test.json'),
    images: path('folder with the numbered folders of pictures'),
    split: z
      .enum(['train', 'dev', 'test'])
      .optional()
      .describe('how the names of pictures begin; default the name of the file'),
  },
  paths: ['annotations', 'images'],
  async open(config, context) {
    const samples = new SampleCollector();
    const split = config.split ?? basename(config.annotations).replace(/\..*$/, '');
    const records = readLines(config.annotations, pairRecord, context);
    await useRecords(records, context, ({ value: { identifier, sentence, label, directory = '' } }) => {
      for (let order = 0; order < 6; order++) {
        const id = `${split}-${identifier}-${order}`;
        samples.add(
          id,
          { image: imageFile(config.images, join(directory, `${id}.png`)) },
          { question: { id, ...statement(sentence, label), group: identifier.split('-')[0]! } },
        );
      }
    });
    return samples.dataset(config.annotations);
  },
});
