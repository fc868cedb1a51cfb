import { join } from 'node:path';
import { z } from 'zod';
import { arrayDataset } from './array-dataset.js';
import { checkImages } from './check-images.js';
import { DatasetError } from './dataset-error.js';
import { parseAs, readText } from './read-json.js';
import type { Dataset, Question } from './sample.js';

/** A folder of your own: pictures, and one file with a line of JSON for each caption or question. */
export interface FolderConfig {
  readonly format: 'folder';
  readonly directory: string;
  /** Name of the file inside the folder. Default `captions.jsonl`. */
  readonly annotations?: string;
  /** Look for every picture when opening. Default true. */
  readonly checkImages?: boolean;
}

const text = z.string().trim().min(1);
const line = z
  .strictObject({
    image: text,
    caption: text.optional(),
    captions: z.array(text).min(1).optional(),
    question: text.optional(),
    answer: text.optional(),
    answers: z.array(text).min(1).optional(),
    type: text.optional(),
    id: z.union([text, z.number()]).optional(),
  })
  .refine((row) => row.caption !== undefined || row.captions !== undefined || row.question !== undefined, {
    message: 'has neither "caption", "captions" nor "question"',
  })
  .refine((row) => row.question !== undefined || (row.answer === undefined && row.answers === undefined), {
    message: 'has an answer but no "question"',
  });

/**
 * Opens a folder of pictures with `captions.jsonl`. A line is an object with `image` (path inside the folder) and
 * `caption` or `captions`, or `question` with `answer` or `answers` (and `type`, `id` if you like). Lines of one picture
 * become one sample, whose id is the picture's path; samples stand in the order in which pictures first appear. Empty
 * lines are skipped.
 *
 * @throws {DatasetError} for a missing file, a malformed line (with its number) and a missing picture.
 */
export async function openFolder(config: FolderConfig): Promise<Dataset> {
  const annotations = join(config.directory, config.annotations ?? 'captions.jsonl');
  const found = new Map<string, { captions: string[]; questions: Question[] }>();
  for (const [index, content] of (await readText(annotations)).split('\n').entries()) {
    if (content.trim() === '') continue;
    const row = parseAs(line, content, `${annotations} line ${index + 1}`);
    let entry = found.get(row.image);
    if (entry === undefined) {
      entry = { captions: [], questions: [] };
      found.set(row.image, entry);
    }
    if (row.caption !== undefined) entry.captions.push(row.caption);
    entry.captions.push(...(row.captions ?? []));
    if (row.question !== undefined) {
      entry.questions.push({
        question: row.question,
        answers: [...(row.answer === undefined ? [] : [row.answer]), ...(row.answers ?? [])],
        ...(row.type !== undefined && { type: row.type }),
        ...(row.id !== undefined && { id: String(row.id) }),
      });
    }
  }
  if (found.size === 0) {
    throw new DatasetError(
      `${annotations} has no lines`,
      'write one JSON object a line, e.g. {"image": "a.jpg", "caption": "a cat"}',
    );
  }
  const samples = [...found].map(([image, { captions, questions }]) => ({
    id: image,
    media: { image: { kind: 'file', path: join(config.directory, image) } as const },
    text: { ...(captions.length > 0 && { captions }), ...(questions.length > 0 && { questions }) },
  }));
  if (config.checkImages !== false) {
    await checkImages(
      samples.map((sample) => sample.media.image.path),
      annotations,
    );
  }
  return arrayDataset(config.directory, samples);
}
