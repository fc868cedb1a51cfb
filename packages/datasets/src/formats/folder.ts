import { join } from 'node:path';
import { z } from 'zod';
import { readLines, useRecords } from '../records/read-records.js';
import { defineFormat, path } from './define-format.js';
import { clipFile, imageFile } from './media-files.js';
import { SampleCollector } from './sample-collector.js';

const text = z.string().trim().min(1);
const line = z
  .strictObject({
    image: text.optional(),
    video: text.optional(),
    audio: text.optional(),
    caption: text.optional(),
    captions: z.array(text).min(1).optional(),
    question: text.optional(),
    answer: text.optional(),
    answers: z.array(text).min(1).optional(),
    type: text.optional(),
    id: z.union([text, z.number()]).optional(),
  })
  .refine(
    ({ image, video, audio }) => [image, video, audio].filter((one) => one !== undefined).length === 1,
    {
      message: 'has to have one of "image", "video" and "audio"',
    },
  )
  .refine((row) => row.caption !== undefined || row.captions !== undefined || row.question !== undefined, {
    message: 'has neither "caption", "captions" nor "question"',
  })
  .refine((row) => row.question !== undefined || (row.answer === undefined && row.answers === undefined), {
    message: 'has an answer but no "question"',
  });

/** A folder of your own: pictures, videos or recordings, and one file with a line of JSON for each caption or question. */
export const folder = defineFormat({
  name: 'folder',
  title: 'A folder of your own',
  modalities: ['image', 'video', 'audio'],
  task: 'captions and questions',
  licence: 'yours',
  source: 'yours',
  reads:
    'one object a line of `captions.jsonl`: `image`, `video` or `audio` (a path inside the folder), and `caption` or `captions`, or ' +
    '`question` with `answer` or `answers` (and `type`, `id`). Lines of one file become one sample, whose id is its path.',
  fields: {
    directory: path('the folder'),
    annotations: z
      .string()
      .min(1)
      .optional()
      .describe('name of the file inside the folder; default captions.jsonl'),
  },
  paths: ['directory'],
  async open(config, context) {
    const annotations = join(config.directory, config.annotations ?? 'captions.jsonl');
    const samples = new SampleCollector();
    await useRecords(readLines(annotations, line, context), context, ({ value: row }) => {
      const { directory } = config;
      const media =
        row.image !== undefined
          ? { image: imageFile(directory, row.image) }
          : row.video !== undefined
            ? { video: clipFile(directory, row.video) }
            : { audio: clipFile(directory, row.audio!) };
      samples.add((row.image ?? row.video ?? row.audio)!, media, {
        captions: [...(row.caption === undefined ? [] : [row.caption]), ...(row.captions ?? [])],
        ...(row.question !== undefined && {
          question: {
            question: row.question,
            answers: [...(row.answer === undefined ? [] : [row.answer]), ...(row.answers ?? [])],
            ...(row.type !== undefined && { type: row.type }),
            ...(row.id !== undefined && { id: String(row.id) }),
          },
        }),
      });
    });
    return samples.dataset(
      annotations,
      'write one JSON object a line, e.g. {"image": "a.jpg", "caption": "a cat"}',
    );
  },
});
