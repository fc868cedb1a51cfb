import { z } from 'zod';
import { DatasetError } from '../dataset-error.js';
import { type ReadContext, readLines, useRecords } from '../records/read-records.js';
import { choiceFields } from './choices.js';
import { defineFormat } from './define-format.js';
import { textOrNumber } from './fields.js';
import { clipFile, withEnding } from './media-files.js';
import { SampleCollector } from './sample-collector.js';
import { type ValueConfig, valueFields } from './value-fields.js';

const record = z.object({
  qid: textOrNumber,
  q: z.string(),
  a0: z.string(),
  a1: z.string(),
  a2: z.string(),
  a3: z.string(),
  a4: z.string().optional(),
  answer_idx: z.number().int().optional(),
  vid_name: z.string(),
  ts: z.string().optional(),
});

/** `1.21-8.49`; TVQA has a few that are no numbers, which say nothing. */
function spanOf(ts: string | undefined, where: string): readonly [number, number] | undefined {
  if (ts === undefined) return undefined;
  const parts = ts.split('-').map(Number);
  if (parts.length !== 2) throw new DatasetError(`${where}: "ts" is "${ts}"`, 'write START-END in seconds');
  const [start, end] = parts as [number, number];
  return Number.isFinite(start) && Number.isFinite(end) ? [start, end] : undefined;
}

async function open(config: ValueConfig, context: ReadContext) {
  const samples = new SampleCollector();
  await useRecords(readLines(config.annotations, record, context), context, ({ value: row, where }) => {
    const choices = [row.a0, row.a1, row.a2, row.a3, row.a4].filter((one) => one !== undefined);
    const span = spanOf(row.ts, where);
    samples.add(
      row.vid_name,
      { video: clipFile(config.videos, withEnding(row.vid_name, config.ending ?? '.mp4')) },
      {
        question: {
          id: row.qid,
          question: row.q,
          ...choiceFields(choices, row.answer_idx, where),
          ...(span !== undefined && { span }),
        },
      },
    );
  });
  return samples.dataset(config.annotations);
}

const reads =
  'one object a line: `qid`, `q`, `a0` to `a4` (How2QA: `a3`), `answer_idx` (absent in test), `vid_name`, `ts` (seconds of the clip that ' +
  'answer it, START-END). One sample a clip.';

/** TVQA as published (Lei et al. 2018), and in VALUE (Li et al. 2021). */
export const tvqa = defineFormat({
  name: 'tvqa',
  title: 'TVQA',
  modalities: ['video'],
  task: 'questions',
  licence: 'research only; videos on request',
  source:
    'https://nlp.cs.unc.edu/data/jielei/tvqa/tvqa_public_html/ (`tvqa_train.jsonl`, ...), VALUE https://value-benchmark.github.io',
  reads,
  published: { counted: 'questions', sizes: { train: 122_039, val: 15_253, test_public: 7_623 } },
  fields: valueFields,
  paths: ['annotations', 'videos'],
  open,
});

/** How2QA in the form of VALUE (Li et al. 2020, 2021). */
export const how2qa = defineFormat({
  name: 'how2qa',
  title: 'How2QA',
  modalities: ['video'],
  task: 'questions',
  licence: 'not stated; videos: YouTube terms',
  source: 'VALUE https://value-benchmark.github.io (`how2qa_*.jsonl`)',
  reads,
  fields: valueFields,
  paths: ['annotations', 'videos'],
  open,
});
