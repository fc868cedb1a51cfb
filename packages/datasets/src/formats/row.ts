import { join } from 'node:path';
import { z } from 'zod';
import { DatasetError } from '../dataset-error.js';
import { checkAs } from '../records/read-json.js';
import type { ClipSource, ImageSource, Media, Question, Sample } from '../sample.js';
import { choiceFields } from './choices.js';

const text = z.string().trim().min(1);
const someText = z.preprocess((value) => (value === null ? undefined : value), text.optional());
const someTexts = z.preprocess(
  (value) => (value === null ? undefined : value),
  z.array(text).min(1).optional(),
);
const someNumber = z.preprocess((value) => (value === null ? undefined : value), z.number().optional());

/** A path, the bytes of a file, or both as Hugging Face's data sets hold them. */
const medium = z.preprocess(
  (value) => (value === null ? undefined : value),
  z
    .union([
      text.transform((path) => ({ path, bytes: undefined })),
      z.instanceof(Uint8Array).transform((bytes) => ({ path: undefined, bytes })),
      z
        .object({ bytes: z.instanceof(Uint8Array).nullish(), path: z.string().nullish() })
        .refine(({ bytes, path }) => bytes || path, { message: 'has neither bytes nor a path' })
        .transform(({ bytes, path }) => ({ path: path ?? undefined, bytes: bytes ?? undefined })),
    ])
    .optional(),
);

const rowSchema = z
  .object({
    id: z.preprocess((value) => (value === null ? undefined : value), z.union([text, z.number()]).optional()),
    image: medium,
    video: medium,
    audio: medium,
    start: someNumber,
    end: someNumber,
    caption: z.preprocess(
      (value) => (value === null ? undefined : value),
      z.union([text, z.array(text)]).optional(),
    ),
    captions: someTexts,
    question: someText,
    answer: z.preprocess(
      (value) => (value === null ? undefined : value),
      z.union([text, z.number()]).optional(),
    ),
    answers: someTexts,
    choices: someTexts,
    type: someText,
  })
  .refine((row) => row.caption !== undefined || row.captions !== undefined || row.question !== undefined, {
    message: 'has neither "caption", "captions" nor "question"',
  });

/** The fields of a row, as they are called unless `columns` says otherwise. */
export const rowFields = Object.keys(rowSchema.shape) as readonly RowField[];
export type RowField = keyof z.infer<typeof rowSchema>;

/** In a configuration: own names for the fields of a row. */
export const columns = z
  .partialRecord(z.enum(rowFields as readonly [RowField, ...RowField[]]), z.string().min(1))
  .optional()
  .describe(`own names of fields, e.g. { caption: text }; a row has ${rowFields.join(', ')}`);

/** What is read of a row, for documentation. */
export const rowReads =
  '`image`, `video` or `audio` (a path in `media`; in Parquet also bytes or `{bytes, path}`), `start` and `end` of a clip in seconds, ' +
  '`caption` or `captions`, `question` with `answer` (with `choices` also their number from 0) or `answers`, `type`, `id` (default the ' +
  'number of the row). One sample a row.';

/** How rows become samples. */
export interface RowOptions {
  /** Folder that paths are relative to. */
  readonly media: string;
  readonly columns?: Readonly<Partial<Record<RowField, string>>> | undefined;
}

/**
 * Makes a sample of one row.
 *
 * @param id of a row that has none.
 * @param where names the row in errors.
 * @throws {DatasetError} for a field that does not fit.
 */
export function rowToSample(
  row: Readonly<Record<string, unknown>>,
  { media: folder, columns: names = {} }: RowOptions,
  id: string,
  where: string,
): Sample {
  const named = Object.fromEntries(rowFields.map((field) => [field, row[names[field] ?? field]]));
  const value = checkAs(rowSchema, named, where);
  const part = {
    ...(value.start !== undefined && { start: value.start }),
    ...(value.end !== undefined && { end: value.end }),
  };
  const media: Media = {
    ...(value.image && { image: fileOrBytes(value.image, folder, where) }),
    ...(value.video && { video: { ...fileOrBytes(value.video, folder, where), ...part } }),
    ...(value.audio && { audio: { ...fileOrBytes(value.audio, folder, where), ...part } }),
  };
  const captions = [...[value.caption ?? []].flat(), ...(value.captions ?? [])];
  const questions = value.question === undefined ? [] : [questionOf(value.question, value, where)];
  return {
    id: value.id === undefined ? id : String(value.id),
    media,
    text: { ...(captions.length > 0 && { captions }), ...(questions.length > 0 && { questions }) },
  };
}

function fileOrBytes(
  { path, bytes }: { readonly path?: string | undefined; readonly bytes?: Uint8Array | undefined },
  folder: string,
  where: string,
): Extract<ImageSource & ClipSource, object> {
  if (bytes !== undefined) return { kind: 'bytes', data: bytes, name: path ? `${path} of ${where}` : where };
  return { kind: 'file', path: join(folder, path!) };
}

function questionOf(
  question: string,
  { answer, answers = [], choices, type }: z.infer<typeof rowSchema>,
  where: string,
): Question {
  const given = [...(answer === undefined ? [] : [String(answer)]), ...answers];
  return {
    question,
    ...(choices === undefined ? { answers: given } : chosen(choices, answer, given, where)),
    ...(type !== undefined && { type }),
  };
}

/** The answer to a multiple choice is one of the choices or the number of one. */
function chosen(
  choices: readonly string[],
  answer: string | number | undefined,
  given: readonly string[],
  where: string,
): Pick<Question, 'answers' | 'choices' | 'correct'> {
  if (typeof answer === 'number') return choiceFields(choices, answer, where);
  const correct = given.length === 0 ? undefined : choices.indexOf(given[0]!);
  if (correct === -1)
    throw new DatasetError(`${where}: the answer "${given[0]}" is none of the choices`, 'correct it');
  return choiceFields(choices, correct, where);
}
