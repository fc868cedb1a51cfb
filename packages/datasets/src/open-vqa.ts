import { join } from 'node:path';
import { z } from 'zod';
import { arrayDataset } from './array-dataset.js';
import { checkImages } from './check-images.js';
import { DatasetError } from './dataset-error.js';
import { cocoFolder } from './open-coco-karpathy.js';
import { readJson } from './read-json.js';
import type { Dataset, Question } from './sample.js';
import { scoreAnnotators, scoredAnswers } from './vqa-answers.js';

interface VqaImages {
  /** Folder of the pictures: `train2014/COCO_train2014_*.jpg` inside it, or `<image id>.jpg` for other ids (GQA). */
  readonly images: string;
  /** Look for every picture when opening. Default true. */
  readonly checkImages?: boolean;
}

/** VQA v2 or GQA as one list, in the form of LXMERT and VL-T5 (`karpathy_train.json`, GQA `train.json`, ...). */
export interface VqaListConfig extends VqaImages {
  readonly format: 'vqa-list';
  /** Path of the list. */
  readonly annotations: string;
}

/** VQA v2 as published on https://visualqa.org: a questions file and an annotations file. */
export interface VqaOfficialConfig extends VqaImages {
  readonly format: 'vqa';
  /** Path of `v2_OpenEnded_mscoco_*_questions.json`. */
  readonly questions: string;
  /** Path of `v2_mscoco_*_annotations.json`; leave it out for test splits, which publish none. */
  readonly annotations?: string;
}

const number = z.union([z.string(), z.number()]);

const listSchema = z.array(
  z
    .object({
      img_id: number,
      question_id: number,
      sent: z.string().optional(),
      question: z.string().optional(),
      label: z.record(z.string(), z.number()).optional(),
      question_type: z.string().optional(),
      answer_type: z.string().optional(),
      answers: z.array(z.union([z.string(), z.object({ answer: z.string() })])).optional(),
    })
    .refine((row) => row.sent !== undefined || row.question !== undefined, {
      message: 'has neither "sent" nor "question"',
    }),
);

const questionsSchema = z.object({
  data_subtype: z.string(),
  questions: z.array(z.object({ image_id: z.number(), question: z.string(), question_id: z.number() })),
});

const annotationsSchema = z.object({
  annotations: z.array(
    z.object({
      question_id: z.number(),
      question_type: z.string(),
      answer_type: z.string(),
      answers: z.array(z.object({ answer: z.string() })),
    }),
  ),
});

/** Groups questions by picture, in the order in which pictures first appear. */
async function datasetOf(
  name: string,
  rows: Iterable<readonly [imageId: string, question: Question]>,
  { images, checkImages: check }: VqaImages,
): Promise<Dataset> {
  const byImage = new Map<string, Question[]>();
  for (const [imageId, question] of rows) {
    const questions = byImage.get(imageId);
    if (questions === undefined) byImage.set(imageId, [question]);
    else questions.push(question);
  }
  if (byImage.size === 0) throw new DatasetError(`${name} has no questions`, 'check the file');
  const samples = [...byImage].map(([imageId, questions]) => ({
    id: imageId,
    media: { image: { kind: 'file', path: join(images, cocoFolder(imageId), `${imageId}.jpg`) } as const },
    text: { questions },
  }));
  if (check !== false) {
    await checkImages(
      samples.map((sample) => sample.media.image.path),
      name,
    );
  }
  return arrayDataset(name, samples);
}

/**
 * Opens a list of questions: `img_id`, `question_id`, `sent` (or `question`), `label` (answer to score),
 * `question_type`, `answer_type`, and `answers` where the file has them. A question with an empty `label` has no right
 * answer and keeps an empty list.
 *
 * @throws {DatasetError} for a missing file, a field that does not fit and a missing picture.
 */
export async function openVqaList(config: VqaListConfig): Promise<Dataset> {
  const list = await readJson(config.annotations, listSchema);
  const rows = list.map((row) => {
    const annotatorAnswers = row.answers?.map((one) => (typeof one === 'string' ? one : one.answer));
    const question: Question = {
      id: String(row.question_id),
      question: (row.sent ?? row.question)!,
      ...(row.label === undefined
        ? scoreAnnotators(annotatorAnswers ?? [])
        : scoredAnswers(Object.entries(row.label))),
      ...(annotatorAnswers !== undefined && { annotatorAnswers }),
      ...(row.question_type !== undefined && { type: row.question_type }),
      ...(row.answer_type !== undefined && { answerType: row.answer_type }),
    };
    return [String(row.img_id), question] as const;
  });
  return datasetOf(config.annotations, rows, config);
}

/**
 * Opens the official files. Scores follow from the ten answers.
 * @throws {DatasetError} for a missing file, a field that does not fit, a question without annotation and a missing
 * picture.
 */
export async function openVqa(config: VqaOfficialConfig): Promise<Dataset> {
  const { data_subtype, questions } = await readJson(config.questions, questionsSchema);
  const annotated =
    config.annotations === undefined ? undefined : await readJson(config.annotations, annotationsSchema);
  const byId = new Map(annotated?.annotations.map((annotation) => [annotation.question_id, annotation]));
  const rows = questions.map(({ image_id, question, question_id }) => {
    const imageId = `COCO_${data_subtype}_${String(image_id).padStart(12, '0')}`;
    const bare = { id: String(question_id), question };
    if (annotated === undefined) return [imageId, { ...bare, answers: [] }] as const;
    const annotation = byId.get(question_id);
    if (annotation === undefined) {
      throw new DatasetError(
        `${config.annotations} has no annotation of question ${question_id}`,
        `take the file that belongs to ${config.questions}`,
      );
    }
    const annotatorAnswers = annotation.answers.map(({ answer }) => answer);
    const { question_type: type, answer_type: answerType } = annotation;
    return [
      imageId,
      { ...bare, ...scoreAnnotators(annotatorAnswers), annotatorAnswers, type, answerType },
    ] as const;
  });
  return datasetOf(config.questions, rows, config);
}
