import { z } from 'zod';
import { DatasetError } from '../dataset-error.js';
import { type ReadContext, readMember, readRecords, useRecords } from '../records/read-records.js';
import type { Question } from '../sample.js';
import { defineFormat, optionalPath, path } from './define-format.js';
import { cocoFolder, cocoName, imageFile } from './media-files.js';
import { SampleCollector } from './sample-collector.js';
import { scoreAnnotators } from './vqa-answers.js';

const questionRecord = z.object({ image_id: z.number(), question: z.string(), question_id: z.number() });

const annotationRecord = z.object({
  question_id: z.number(),
  question_type: z.string(),
  answer_type: z.string(),
  answers: z.array(z.object({ answer: z.string() })),
});

const fields = {
  questions: path('path of the questions file'),
  annotations: optionalPath('path of the annotations file; leave it out for test splits, which publish none'),
  images: path('folder that holds train2014, val2014 and test2015'),
};

const reads =
  'questions: `data_subtype`, `questions[]`: `image_id`, `question`, `question_id`; annotations, in any order: `annotations[]`: ' +
  '`question_id`, `question_type`, `answer_type`, `answers[].answer`. Scores follow from the ten answers. One sample a picture.';

interface VqaConfig {
  readonly questions: string;
  readonly annotations?: string | undefined;
  readonly images: string;
}

/** What people answered, by the number of the question. */
async function readAnnotations(
  { annotations }: VqaConfig,
  context: ReadContext,
): Promise<Map<number, Partial<Question> & Pick<Question, 'answers'>> | undefined> {
  if (annotations === undefined) return undefined;
  const found = new Map<number, Partial<Question> & Pick<Question, 'answers'>>();
  const records = readRecords(annotations, { member: 'annotations' }, annotationRecord, context);
  await useRecords(records, context, ({ value }) => {
    const annotatorAnswers = value.answers.map(({ answer }) => answer);
    found.set(value.question_id, {
      ...scoreAnnotators(annotatorAnswers),
      annotatorAnswers,
      type: value.question_type,
      answerType: value.answer_type,
    });
  });
  return found;
}

async function open(config: VqaConfig, context: ReadContext) {
  const annotated = await readAnnotations(config, context);
  // Test-dev is a part of test, whose pictures lie in `test2015`.
  const subset = (await readMember(config.questions, 'data_subtype', z.string())).replace('test-dev', 'test');
  const samples = new SampleCollector();
  const records = readRecords(config.questions, { member: 'questions' }, questionRecord, context);
  await useRecords(records, context, ({ value: { image_id, question, question_id }, where }) => {
    const annotation = annotated?.get(question_id);
    if (annotated !== undefined && annotation === undefined) {
      throw new DatasetError(
        `${where}: ${config.annotations} has no annotation of question ${question_id}`,
        'take the file that belongs to it',
      );
    }
    const id = cocoName(subset, image_id);
    samples.add(
      id,
      { image: imageFile(config.images, cocoFolder(id), `${id}.jpg`) },
      { question: { id: String(question_id), question, ...(annotation ?? { answers: [] }) } },
    );
  });
  return samples.dataset(config.questions);
}

/** VQA v2 as published (Goyal et al. 2017). */
export const vqa = defineFormat({
  name: 'vqa',
  title: 'VQA v2',
  modalities: ['image'],
  task: 'questions',
  licence: 'CC BY 4.0; pictures: Flickr terms',
  source:
    'https://visualqa.org/download.html (`v2_OpenEnded_mscoco_*_questions.json`, `v2_mscoco_*_annotations.json`), pictures https://cocodataset.org',
  reads,
  published: {
    counted: 'questions',
    sizes: { train: 443_757, val: 214_354, 'test-dev': 107_394, test: 447_793 },
  },
  fields,
  paths: ['questions', 'annotations', 'images'],
  open,
});

/** OK-VQA as published (Marino et al. 2019): the files of VQA. */
export const okVqa = defineFormat({
  name: 'ok-vqa',
  title: 'OK-VQA',
  modalities: ['image'],
  task: 'questions',
  licence: 'CC BY 4.0; pictures: Flickr terms',
  source:
    'https://okvqa.allenai.org/download.html (`OpenEnded_mscoco_*_questions.json`, `mscoco_*_annotations.json`), pictures https://cocodataset.org',
  reads,
  published: { counted: 'questions', sizes: { train: 9_009, val: 5_046 } },
  fields,
  paths: ['questions', 'annotations', 'images'],
  open,
});
