import { z } from 'zod';
import { useRecords } from '../records/read-records.js';
import { readTable } from '../records/read-table.js';
import { choiceFields } from './choices.js';
import { defineFormat, path } from './define-format.js';
import { clipFile } from './media-files.js';
import { SampleCollector } from './sample-collector.js';

const record = z.looseObject({
  gif_name: z.string(),
  question: z.string(),
  answer: z.string(),
  vid_id: z.string(),
  type: z.string().optional(),
  a1: z.string().optional(),
  a2: z.string().optional(),
  a3: z.string().optional(),
  a4: z.string().optional(),
  a5: z.string().optional(),
});

const frameTypes = ['object', 'number', 'colour', 'location'];

/** TGIF-QA as published (Jang et al. 2017). */
export const tgifQa = defineFormat({
  name: 'tgif-qa',
  title: 'TGIF-QA',
  modalities: ['video'],
  task: 'questions',
  licence: 'research only',
  source:
    'https://github.com/YunseokJANG/tgif-qa (`dataset/*_question.tsv`), GIFs https://github.com/raingo/TGIF-Release',
  reads:
    'columns `gif_name`, `question`, `answer`, `vid_id`, and by task `a1` to `a5` (action, transition: `answer` is the number of the ' +
    'right one from 0) or `type` (frameqa: 0 object, 1 number, 2 colour, 3 location). One sample a GIF.',
  published: {
    counted: 'questions',
    sizes: {
      Train_count: 26_843,
      Test_count: 3_554,
      Train_action: 20_475,
      Test_action: 2_274,
      Train_transition: 52_704,
      Test_transition: 6_232,
      Train_frameqa: 39_392,
      Test_frameqa: 13_691,
    },
  },
  fields: { annotations: path('path of the table'), videos: path('folder of the GIFs, <gif_name>.gif') },
  paths: ['annotations', 'videos'],
  async open(config, context) {
    const samples = new SampleCollector();
    const records = readTable(config.annotations, '\t', record, context);
    await useRecords(records, context, ({ value: row, where }) => {
      const choices = [row.a1, row.a2, row.a3, row.a4, row.a5].filter((one) => one !== undefined);
      const type = row.type === undefined ? undefined : (frameTypes[Number(row.type)] ?? row.type);
      samples.add(
        row.gif_name,
        { video: clipFile(config.videos, `${row.gif_name}.gif`) },
        {
          question: {
            id: row.vid_id,
            question: row.question,
            ...(choices.length > 0
              ? choiceFields(choices, Number(row.answer), where)
              : { answers: [row.answer] }),
            ...(type !== undefined && { type }),
          },
        },
      );
    });
    return samples.dataset(config.annotations);
  },
});
