import { z } from 'zod';
import { readJson } from '../records/read-json.js';
import { readRecords, useRecords } from '../records/read-records.js';
import { choiceFields } from './choices.js';
import { defineFormat, optionalPath, path } from './define-format.js';
import { imageFile } from './media-files.js';
import { SampleCollector } from './sample-collector.js';

const record = z.object({
  question: z.string(),
  choices: z.array(z.string()),
  answer: z.number().int().optional(),
  hint: z.string().optional(),
  image: z.string().nullish(),
  grade: z.string().optional(),
  subject: z.string().optional(),
  lecture: z.string().optional(),
  solution: z.string().optional(),
  split: z.string().optional(),
});

const splitsRecord = z.record(z.string(), z.array(z.string()));

/** ScienceQA as published (Lu et al. 2022). */
export const scienceqa = defineFormat({
  name: 'scienceqa',
  title: 'ScienceQA',
  modalities: ['image'],
  task: 'questions',
  licence: 'CC BY-NC-SA 4.0',
  source: 'https://github.com/lupantech/ScienceQA (`problems.json`, `pid_splits.json`, `images`)',
  reads:
    'an object by problem id: `question`, `choices`, `answer`, `hint` (context), `image`, `subject` (question type: natural, ' +
    'social, language science), `grade` (answer type), `lecture` and `solution` (rationales), `split`. One sample a problem; about ' +
    'half have no picture.',
  published: { counted: 'questions', sizes: { train: 12_726, val: 4_241, test: 4_241 } },
  fields: {
    annotations: path('path of problems.json'),
    images: path('folder with train, val and test, each with a folder for a problem'),
    split: z.enum(['train', 'val', 'test', 'minival', 'minitest', 'trainval']).describe('which problems'),
    splits: optionalPath('path of pid_splits.json; default what each problem says of itself'),
    withImage: z.boolean().optional().describe('only problems with a picture; default false'),
  },
  paths: ['annotations', 'images', 'splits'],
  async open(config, context) {
    const listed =
      config.splits === undefined ? undefined : (await readJson(config.splits, splitsRecord))[config.split];
    const wanted = listed === undefined ? undefined : new Set(listed);
    const samples = new SampleCollector();
    const records = readRecords(config.annotations, 'members', record, context);
    await useRecords(records, context, ({ value, where, key }) => {
      if (wanted === undefined ? value.split !== config.split : !wanted.has(key)) return;
      const picture = value.image
        ? { image: imageFile(config.images, value.split ?? config.split, key, value.image) }
        : {};
      if (config.withImage && !('image' in picture)) return;
      const rationales = [value.lecture, value.solution].filter((text) => text !== undefined && text !== '');
      samples.add(key, picture, {
        question: {
          id: key,
          question: value.question,
          ...choiceFields(value.choices, value.answer, where),
          ...(value.hint && { context: value.hint }),
          ...(value.subject !== undefined && { type: value.subject }),
          ...(value.grade !== undefined && { answerType: value.grade }),
          ...(rationales.length > 0 && { rationales: rationales as string[] }),
        },
      });
    });
    return samples.dataset(`${config.annotations}, ${config.split}`);
  },
});
