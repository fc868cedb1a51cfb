import { z } from 'zod';
import { DatasetError } from '../dataset-error.js';
import { useRecords } from '../records/read-records.js';
import { readTable } from '../records/read-table.js';
import { defineFormat, path } from './define-format.js';
import { clipFile } from './media-files.js';
import { SampleCollector } from './sample-collector.js';

const record = z.object({
  audiocap_id: z.string(),
  youtube_id: z.string().min(1),
  start_time: z.string(),
  caption: z.string(),
});

/** AudioCaps as published (Kim et al. 2019). */
export const audiocaps = defineFormat({
  name: 'audiocaps',
  title: 'AudioCaps',
  modalities: ['audio'],
  task: 'captions',
  licence: 'MIT; recordings: YouTube terms',
  source: 'https://github.com/cdjkim/audiocaps (`dataset/train.csv`, ...), recordings of AudioSet',
  reads:
    'columns `audiocap_id`, `youtube_id`, `start_time`, `caption`. One sample a clip: train has one caption each, val and test five.',
  published: { counted: 'samples', sizes: { train: 49_838, val: 495, test: 975 } },
  fields: {
    annotations: path('path of the table'),
    audios: path('folder of the recordings'),
    file: z
      .string()
      .optional()
      .describe('how recordings are named, with columns in braces; default {youtube_id}.wav'),
  },
  paths: ['annotations', 'audios'],
  async open(config, context) {
    const pattern = config.file ?? '{youtube_id}.wav';
    const samples = new SampleCollector();
    await useRecords(readTable(config.annotations, ',', record, context), context, ({ value }) => {
      const name = pattern.replaceAll(/\{(\w+)\}/g, (_, column: string) => {
        if (Object.hasOwn(value, column)) return value[column as keyof typeof value];
        throw new DatasetError(
          `"file" names the column {${column}}`,
          `AudioCaps has ${Object.keys(value).join(', ')}`,
        );
      });
      samples.add(
        `${value.youtube_id}_${value.start_time}`,
        { audio: clipFile(config.audios, name) },
        { captions: [value.caption.trim()] },
      );
    });
    return samples.dataset(config.annotations);
  },
});
