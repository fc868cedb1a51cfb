import { z } from 'zod';
import { type ReadContext, readLines, useRecords } from '../records/read-records.js';
import { defineFormat } from './define-format.js';
import { span, textOrNumber } from './fields.js';
import { clipFile, withEnding } from './media-files.js';
import { SampleCollector } from './sample-collector.js';
import { type ValueConfig, valueFields } from './value-fields.js';

const record = z.object({
  vid_name: z.string(),
  clip_id: textOrNumber,
  ts: span,
  descs: z.array(z.object({ desc: z.string() })).optional(),
});

async function open(config: ValueConfig, context: ReadContext) {
  const samples = new SampleCollector();
  await useRecords(
    readLines(config.annotations, record, context),
    context,
    ({ value: { vid_name, clip_id, ts, descs } }) => {
      samples.add(
        clip_id,
        { video: clipFile(config.videos, withEnding(vid_name, config.ending ?? '.mp4'), ts) },
        { captions: (descs ?? []).map(({ desc }) => desc.trim()) },
      );
    },
  );
  return samples.dataset(config.annotations);
}

const reads =
  'one object a line: `vid_name`, `clip_id`, `ts` (`[start, end]` in seconds: the part of the video that is meant), `descs[].desc` (absent ' +
  'in test). One sample a moment.';

/** TVC as published (Lei et al. 2020), and in VALUE. */
export const tvc = defineFormat({
  name: 'tvc',
  title: 'TVC',
  modalities: ['video'],
  task: 'captions',
  licence: 'research only; videos on request',
  source:
    'https://github.com/jayleicn/TVCaption (`tvc_train_release.jsonl`, ...), VALUE https://value-benchmark.github.io',
  reads,
  published: { counted: 'samples', sizes: { train: 87_175, val: 10_895, test_public: 5_445 } },
  fields: valueFields,
  paths: ['annotations', 'videos'],
  open,
});

/** YouCook2 captions in the form of VALUE (Zhou et al. 2018, Li et al. 2021). */
export const yc2c = defineFormat({
  name: 'yc2c',
  title: 'YC2C (YouCook2 captions)',
  modalities: ['video'],
  task: 'captions',
  licence: 'MIT; videos: YouTube terms',
  source: 'VALUE https://value-benchmark.github.io (`yc2c_*.jsonl`)',
  reads,
  published: { counted: 'samples', sizes: { train: 10_337, val: 3_492 } },
  fields: valueFields,
  paths: ['annotations', 'videos'],
  open,
});
