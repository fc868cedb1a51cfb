import { z } from 'zod';
import { readRecords, useRecords } from '../records/read-records.js';
import { defineFormat, path } from './define-format.js';
import { textOrNumber } from './fields.js';
import { imageFile } from './media-files.js';
import { SampleCollector } from './sample-collector.js';

const record = z.object({
  question: z.string(),
  imageId: textOrNumber,
  answer: z.string().optional(),
  types: z.object({ structural: z.string(), semantic: z.string() }).partial().optional(),
});

/** GQA as published (Hudson and Manning 2019). */
export const gqa = defineFormat({
  name: 'gqa',
  title: 'GQA',
  modalities: ['image'],
  task: 'questions',
  licence: 'CC BY 4.0',
  source: 'https://cs.stanford.edu/people/dorarad/gqa/download.html (`*_balanced_questions.json`, `images`)',
  reads:
    'an object by question id: `question`, `imageId`, `answer`, `types.structural` (the question type), `types.semantic` (the ' +
    'answer type). One sample a picture.',
  published: { counted: 'questions', sizes: { train: 943_000, val: 132_062, testdev: 12_578, test: 95_336 } },
  fields: {
    annotations: path('path of the questions'),
    images: path('folder of the pictures, <imageId>.jpg'),
  },
  paths: ['annotations', 'images'],
  async open(config, context) {
    const samples = new SampleCollector();
    const records = readRecords(config.annotations, 'members', record, context);
    await useRecords(records, context, ({ value: { question, imageId, answer, types }, key }) => {
      samples.add(
        imageId,
        { image: imageFile(config.images, `${imageId}.jpg`) },
        {
          question: {
            id: key,
            question,
            answers: answer === undefined ? [] : [answer],
            ...(types?.structural !== undefined && { type: types.structural }),
            ...(types?.semantic !== undefined && { answerType: types.semantic }),
          },
        },
      );
    });
    return samples.dataset(config.annotations);
  },
});
