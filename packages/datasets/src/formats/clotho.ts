import { z } from 'zod';
import { useRecords } from '../records/read-records.js';
import { readTable } from '../records/read-table.js';
import { defineFormat, path } from './define-format.js';
import { clipFile } from './media-files.js';
import { SampleCollector } from './sample-collector.js';

const record = z.object({
  file_name: z.string().min(1),
  caption_1: z.string(),
  caption_2: z.string(),
  caption_3: z.string(),
  caption_4: z.string(),
  caption_5: z.string(),
});

/** Clotho v2 as published (Drossos et al. 2020). */
export const clotho = defineFormat({
  name: 'clotho',
  title: 'Clotho v2',
  modalities: ['audio'],
  task: 'captions',
  licence: 'captions: Tampere University, not commercial; recordings: Creative Commons, each its own',
  source: 'https://zenodo.org/records/4783391 (`clotho_captions_*.csv`, `clotho_audio_*.7z`)',
  reads: 'columns `file_name`, `caption_1` to `caption_5`. One sample a recording.',
  published: { counted: 'samples', sizes: { development: 3_839, validation: 1_045, evaluation: 1_045 } },
  fields: { annotations: path('path of the table'), audios: path('folder of the recordings of this split') },
  paths: ['annotations', 'audios'],
  async open(config, context) {
    const samples = new SampleCollector();
    await useRecords(
      readTable(config.annotations, ',', record, context),
      context,
      ({ value: { file_name, ...captions } }) => {
        samples.add(
          file_name,
          { audio: clipFile(config.audios, file_name) },
          { captions: Object.values(captions).map((text) => text.trim()) },
        );
      },
    );
    return samples.dataset(config.annotations);
  },
});
