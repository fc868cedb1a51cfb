import { z } from 'zod';
import { readRecords, useRecords } from '../records/read-records.js';
import { defineFormat, path } from './define-format.js';
import { clipFile } from './media-files.js';
import { SampleCollector } from './sample-collector.js';

const videoRecord = z.object({ video_id: z.string(), split: z.enum(['train', 'validate', 'test']) });
const sentenceRecord = z.object({ video_id: z.string(), caption: z.string() });

/** MSR-VTT captions as published (Xu et al. 2016). */
export const msrvtt = defineFormat({
  name: 'msrvtt',
  title: 'MSR-VTT',
  modalities: ['video'],
  task: 'captions',
  licence: 'research only',
  source:
    'https://www.microsoft.com/en-us/research/publication/msr-vtt-a-large-video-description-dataset-for-bridging-video-and-language/ (`train_val_videodatainfo.json`, `test_videodatainfo.json`)',
  reads:
    '`videos[]`: `video_id`, `split`; `sentences[]`: `video_id`, `caption`. One sample a video, with its 20 captions.',
  published: { counted: 'samples', sizes: { train: 6_513, validate: 497, test: 2_990 } },
  fields: {
    annotations: path('path of the file'),
    videos: path('folder of the videos, <video_id>.mp4'),
    split: z.enum(['train', 'validate', 'test']).describe('which videos'),
  },
  paths: ['annotations', 'videos'],
  async open(config, context) {
    const samples = new SampleCollector();
    const wanted = new Set<string>();
    const videos = readRecords(config.annotations, { member: 'videos' }, videoRecord, context);
    await useRecords(videos, context, ({ value: { video_id, split } }) => {
      if (split !== config.split) return;
      wanted.add(video_id);
      samples.add(video_id, { video: clipFile(config.videos, `${video_id}.mp4`) }, {});
    });
    const sentences = readRecords(config.annotations, { member: 'sentences' }, sentenceRecord, context);
    await useRecords(sentences, context, ({ value: { video_id, caption } }) => {
      if (wanted.has(video_id)) samples.add(video_id, {}, { captions: [caption.trim()] });
    });
    return samples.dataset(`${config.annotations}, ${config.split}`);
  },
});
