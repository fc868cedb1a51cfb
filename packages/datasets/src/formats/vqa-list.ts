import { join } from 'node:path';
import { z } from 'zod';
import { readRecords, useRecords } from '../records/read-records.js';
import type { Media, Question } from '../sample.js';
import { defineFormat, optionalPath, path } from './define-format.js';
import { textOrNumber } from './fields.js';
import { clipFile, cocoFolder, withEnding } from './media-files.js';
import { mediaFolder } from './media-folder.js';
import { SampleCollector } from './sample-collector.js';
import { scoreAnnotators, scoredAnswers } from './vqa-answers.js';

const record = z
  .object({
    img_id: textOrNumber.optional(),
    video: z.string().optional(),
    question_id: textOrNumber.optional(),
    sent: z.string().optional(),
    question: z.string().optional(),
    label: z.record(z.string(), z.number()).optional(),
    answer: z.string().optional(),
    question_type: z.string().optional(),
    answer_type: z.string().optional(),
    answers: z.array(z.union([z.string(), z.object({ answer: z.string() })])).optional(),
  })
  .refine((row) => row.sent !== undefined || row.question !== undefined, {
    message: 'has neither "sent" nor "question"',
  })
  .refine((row) => (row.img_id === undefined) !== (row.video === undefined), {
    message: 'has to have either "img_id" or "video"',
  });

/** Lists of questions in the form of LXMERT, VL-T5 and eP-ALM. */
export const vqaList = defineFormat({
  name: 'vqa-list',
  title:
    "Lists of questions, as eP-ALM's (VQA v2 in Karpathy's and standard splits, GQA, MSRVTT-QA, MSVD-QA)",
  modalities: ['image', 'video'],
  task: 'questions',
  licence: 'those of the data sets',
  source:
    "eP-ALM's https://nuage.isir.upmc.fr/index.php/s/ACRfZgaZTp9boZ8 (`karpathy_train.json`, `train_standard.json`, `msrvtt_vqa_train.json`, ...), VL-T5's and LXMERT's releases",
  reads:
    'a list: `img_id` or `video`, `question_id`, `sent` or `question`, `label` (answer to score) or `answer`, `answers`, ' +
    '`question_type`, `answer_type`. An empty `label` means that no answer is right. One sample a picture or video.',
  published: {
    counted: 'questions',
    sizes: {
      karpathy_train: 605_102,
      karpathy_val: 26_729,
      karpathy_test: 26_280,
      train_standard: 443_757,
      val_standard: 214_354,
      train: 943_000,
      valid: 132_062,
      testdev: 12_578,
      msrvtt_vqa_train: 158_581,
      msrvtt_vqa_val: 12_278,
      msrvtt_vqa_test: 72_821,
      msvd_vqa_train: 30_933,
      msvd_vqa_val: 6_415,
      msvd_vqa_test: 13_157,
    },
  },
  fields: {
    annotations: path('path of the list'),
    images: optionalPath(
      'folder of the pictures: train2014/COCO_train2014_*.jpg in it, or <img_id>.jpg for other ids (GQA)',
    ),
    videos: optionalPath('folder of the videos'),
  },
  paths: ['annotations', 'images', 'videos'],
  async open(config, context) {
    const samples = new SampleCollector();
    const records = readRecords(config.annotations, 'list', record, context);
    await useRecords(records, context, ({ value: row, where }) => {
      const annotatorAnswers = row.answers?.map((one) => (typeof one === 'string' ? one : one.answer));
      const question: Question = {
        ...(row.question_id !== undefined && { id: row.question_id }),
        question: (row.sent ?? row.question)!,
        ...(row.label !== undefined
          ? scoredAnswers(Object.entries(row.label))
          : row.answer !== undefined
            ? { answers: [row.answer] }
            : scoreAnnotators(annotatorAnswers ?? [])),
        ...(annotatorAnswers !== undefined && { annotatorAnswers }),
        ...(row.question_type !== undefined && { type: row.question_type }),
        ...(row.answer_type !== undefined && { answerType: row.answer_type }),
      };
      const media: Media =
        row.video === undefined
          ? {
              image: {
                kind: 'file',
                path: join(
                  mediaFolder(config, 'images', where),
                  cocoFolder(row.img_id!),
                  `${row.img_id}.jpg`,
                ),
              },
            }
          : { video: clipFile(mediaFolder(config, 'videos', where), withEnding(row.video, '.mp4')) };
      samples.add((row.video ?? row.img_id)!, media, { question });
    });
    return samples.dataset(config.annotations);
  },
});
