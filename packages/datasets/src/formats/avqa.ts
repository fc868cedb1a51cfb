import { z } from 'zod';
import { readRecords, useRecords } from '../records/read-records.js';
import { choiceFields } from './choices.js';
import { defineFormat, path } from './define-format.js';
import { textOrNumber } from './fields.js';
import { clipFile, withEnding } from './media-files.js';
import { SampleCollector } from './sample-collector.js';

const avqaRecord = z.object({
  id: textOrNumber,
  video_name: z.string(),
  question_text: z.string(),
  multi_choice: z.array(z.string()),
  answer: z.number().int().optional(),
  question_relation: z.string().optional(),
  question_type: z.string().optional(),
});

/** A video whose sound counts: both media are the same file. */
function audiovisual(folder: string, name: string) {
  const clip = clipFile(folder, withEnding(name, '.mp4'));
  return { video: clip, audio: clip };
}

/** AVQA as published (Yang et al. 2022). */
export const avqa = defineFormat({
  name: 'avqa',
  title: 'AVQA',
  modalities: ['video', 'audio'],
  task: 'questions',
  licence: 'research only; videos: those of VGGSound',
  source: 'https://mn.cs.tsinghua.edu.cn/avqa/ (`train_qa.json`, `val_qa.json`)',
  reads:
    'a list: `id`, `video_name`, `question_text`, `multi_choice`, `answer` (from 0), `question_type`, `question_relation` (answer ' +
    'type: which of sound and view it needs). One sample a video, which is also the audio.',
  published: { counted: 'questions', sizes: { train: 40_425, val: 16_910 } },
  fields: { annotations: path('path of the list'), videos: path('folder of the videos, <video_name>.mp4') },
  paths: ['annotations', 'videos'],
  async open(config, context) {
    const samples = new SampleCollector();
    const records = readRecords(config.annotations, 'list', avqaRecord, context);
    await useRecords(records, context, ({ value: row, where }) => {
      samples.add(row.video_name, audiovisual(config.videos, row.video_name), {
        question: {
          id: row.id,
          question: row.question_text,
          ...choiceFields(row.multi_choice, row.answer, where),
          ...(row.question_type !== undefined && { type: row.question_type }),
          ...(row.question_relation !== undefined && { answerType: row.question_relation }),
        },
      });
    });
    return samples.dataset(config.annotations);
  },
});

/** A list, which the published files hold as a text: `["Audio", "Counting"]`. */
const listInText = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue({ code: 'custom', message: `"${text}" is not a list in JSON` });
    return z.NEVER;
  }
});
const texts = z.union([z.array(z.string()), listInText.pipe(z.array(z.string()))]);

const musicRecord = z.object({
  video_id: z.string(),
  question_id: textOrNumber,
  type: texts.optional(),
  question_content: z.string(),
  templ_values: texts.optional(),
  anser: z.string().optional(),
});

/** MUSIC-AVQA as published (Li et al. 2022). */
export const musicAvqa = defineFormat({
  name: 'music-avqa',
  title: 'MUSIC-AVQA',
  modalities: ['video', 'audio'],
  task: 'questions',
  licence: 'CC BY-NC 4.0; videos: YouTube terms',
  source: 'https://gewu-lab.github.io/MUSIC-AVQA/ (`avqa-train.json`, `avqa-val.json`, `avqa-test.json`)',
  reads:
    'a list: `question_id`, `video_id`, `question_content` with `templ_values` in the places of its <words>, `anser` (so spelt), `type` ' +
    '(two words: answer type, question type). One sample a video, which is also the audio.',
  published: { counted: 'questions', sizes: { train: 32_087, val: 4_595, test: 9_185 } },
  fields: { annotations: path('path of the list'), videos: path('folder of the videos, <video_id>.mp4') },
  paths: ['annotations', 'videos'],
  async open(config, context) {
    const samples = new SampleCollector();
    const records = readRecords(config.annotations, 'list', musicRecord, context);
    await useRecords(records, context, ({ value: row }) => {
      const values = [...(row.templ_values ?? [])];
      const [answerType, type] = row.type ?? [];
      samples.add(row.video_id, audiovisual(config.videos, row.video_id), {
        question: {
          id: row.question_id,
          question: row.question_content.replaceAll(/<\w+>/g, (word) => values.shift() ?? word),
          answers: row.anser === undefined ? [] : [row.anser],
          ...(type !== undefined && { type }),
          ...(answerType !== undefined && { answerType }),
        },
      });
    });
    return samples.dataset(config.annotations);
  },
});
