import { z } from 'zod';
import { readRecords, useRecords } from '../records/read-records.js';
import { defineFormat, path } from './define-format.js';
import { textOrNumber } from './fields.js';
import { imageFile } from './media-files.js';
import { SampleCollector } from './sample-collector.js';

const radRecord = z.object({
  qid: textOrNumber,
  phrase_type: z.string(),
  image_name: z.string(),
  question: z.string(),
  answer: textOrNumber,
  answer_type: z.string(),
  question_type: z.string(),
  qid_linked_id: textOrNumber.optional(),
});

/** VQA-RAD as published (Lau et al. 2018). */
export const vqaRad = defineFormat({
  name: 'vqa-rad',
  title: 'VQA-RAD',
  modalities: ['image'],
  task: 'questions',
  licence: 'CC0 1.0',
  source: 'https://osf.io/89kps/ (`VQA_RAD Dataset Public.json`, `VQA_RAD Image Folder`)',
  reads:
    'a list: `qid`, `image_name`, `question`, `answer`, `answer_type` (CLOSED, OPEN), `question_type`, `phrase_type` (those that begin ' +
    'with test_ are the test split), `qid_linked_id` (a group: the same question in other words). One sample a picture.',
  published: { counted: 'questions', sizes: { train: 1_797, test: 451 } },
  fields: {
    annotations: path('path of the list'),
    images: path('folder of the pictures'),
    split: z.enum(['train', 'test', 'all']).describe('which questions'),
  },
  paths: ['annotations', 'images'],
  async open(config, context) {
    const samples = new SampleCollector();
    const records = readRecords(config.annotations, 'list', radRecord, context);
    await useRecords(records, context, ({ value: row }) => {
      const split = row.phrase_type.startsWith('test_') ? 'test' : 'train';
      if (config.split !== 'all' && split !== config.split) return;
      samples.add(
        row.image_name,
        { image: imageFile(config.images, row.image_name) },
        {
          question: {
            id: row.qid,
            question: row.question,
            answers: [row.answer.trim()],
            type: row.question_type.trim(),
            answerType: row.answer_type.trim(),
            ...(row.qid_linked_id !== undefined && { group: row.qid_linked_id }),
          },
        },
      );
    });
    return samples.dataset(`${config.annotations}, ${config.split}`);
  },
});

const slakeRecord = z.object({
  qid: textOrNumber,
  img_name: z.string(),
  question: z.string(),
  answer: textOrNumber,
  q_lang: z.enum(['en', 'zh']),
  answer_type: z.string(),
  content_type: z.string(),
});

/** SLAKE as published (Liu et al. 2021). */
export const slake = defineFormat({
  name: 'slake',
  title: 'SLAKE',
  modalities: ['image'],
  task: 'questions',
  licence: 'CC BY 4.0',
  source: 'https://www.med-vqa.com/slake/ (`train.json`, `validate.json`, `test.json`, `imgs`)',
  reads:
    'a list: `qid`, `img_name`, `question`, `answer`, `q_lang`, `answer_type` (CLOSED, OPEN), `content_type` (question type). One sample ' +
    'a picture.',
  published: { counted: 'questions', sizes: { train: 4_919, validate: 1_053, test: 1_061 } },
  fields: {
    annotations: path('path of the list'),
    images: path('folder `imgs`'),
    language: z.enum(['en', 'zh', 'both']).optional().describe('of the questions; default en'),
  },
  paths: ['annotations', 'images'],
  async open(config, context) {
    const language = config.language ?? 'en';
    const samples = new SampleCollector();
    const records = readRecords(config.annotations, 'list', slakeRecord, context);
    await useRecords(records, context, ({ value: row }) => {
      if (language !== 'both' && row.q_lang !== language) return;
      samples.add(
        row.img_name,
        { image: imageFile(config.images, row.img_name) },
        {
          question: {
            id: row.qid,
            question: row.question,
            answers: [row.answer.trim()],
            type: row.content_type,
            answerType: row.answer_type,
          },
        },
      );
    });
    return samples.dataset(config.annotations);
  },
});
