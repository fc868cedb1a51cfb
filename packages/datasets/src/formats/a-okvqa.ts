import { z } from 'zod';
import { readRecords, useRecords } from '../records/read-records.js';
import { choiceFields } from './choices.js';
import { defineFormat, path } from './define-format.js';
import { imageFile } from './media-files.js';
import { SampleCollector } from './sample-collector.js';
import { scoreAnnotators } from './vqa-answers.js';

const record = z.object({
  image_id: z.number(),
  question_id: z.string(),
  question: z.string(),
  choices: z.array(z.string()),
  correct_choice_idx: z.number().int().optional(),
  direct_answers: z.array(z.string()).optional(),
  difficult_direct_answer: z.boolean().optional(),
  rationales: z.array(z.string()).optional(),
});

/** A-OKVQA as published (Schwenk et al. 2022). */
export const aOkvqa = defineFormat({
  name: 'a-okvqa',
  title: 'A-OKVQA',
  modalities: ['image'],
  task: 'questions',
  licence: 'Apache-2.0; pictures: Flickr terms',
  source: 'https://github.com/allenai/aokvqa (`aokvqa_v1p0_*.json`), pictures https://cocodataset.org (2017)',
  reads:
    'a list: `image_id`, `question_id`, `question`, `choices`, `correct_choice_idx`, `direct_answers` (ten, scored as VQA), ' +
    '`difficult_direct_answer` (question type `difficult`), `rationales`. One sample a picture.',
  published: { counted: 'questions', sizes: { train: 17_056, val: 1_145, test: 6_702 } },
  fields: {
    annotations: path('path of the list'),
    images: path('folder of the pictures of 2017, <12 digits>.jpg'),
    answers: z
      .enum(['direct', 'choice'])
      .optional()
      .describe(
        "direct (default): the ten people's words, scored as VQA's; choice: the right one of the four",
      ),
  },
  paths: ['annotations', 'images'],
  async open(config, context) {
    const samples = new SampleCollector();
    const records = readRecords(config.annotations, 'list', record, context);
    await useRecords(records, context, ({ value: row, where }) => {
      const name = String(row.image_id).padStart(12, '0');
      const chosen = choiceFields(row.choices, row.correct_choice_idx, where);
      const direct = config.answers === 'choice' ? undefined : row.direct_answers;
      samples.add(
        name,
        { image: imageFile(config.images, `${name}.jpg`) },
        {
          question: {
            id: row.question_id,
            question: row.question,
            ...chosen,
            ...(direct !== undefined && { ...scoreAnnotators(direct), annotatorAnswers: direct }),
            ...(row.difficult_direct_answer !== undefined && {
              type: row.difficult_direct_answer ? 'difficult' : 'ordinary',
            }),
            ...(row.rationales !== undefined && { rationales: row.rationales }),
          },
        },
      );
    });
    return samples.dataset(config.annotations);
  },
});
