import { z } from 'zod';
import { readRecords, useRecords } from '../records/read-records.js';
import { defineFormat, path } from './define-format.js';
import { imageFile } from './media-files.js';
import { SampleCollector } from './sample-collector.js';

const record = z.object({
  image_id: z.string(),
  caption_str: z.string().optional(),
  reference_strs: z.array(z.string()).optional(),
});

/** TextCaps as published (Sidorov et al. 2020). */
export const textcaps = defineFormat({
  name: 'textcaps',
  title: 'TextCaps',
  modalities: ['image'],
  task: 'captions',
  licence: 'CC BY 4.0; pictures: those of Open Images',
  source:
    'https://textvqa.org/textcaps/dataset/ (`TextCaps_0.1_*.json`), pictures https://textvqa.org/dataset',
  reads:
    '`data[]`: `image_id`, and `reference_strs` (all captions of the picture, in every entry of it) or `caption_str`. One sample a ' +
    'picture.',
  published: { counted: 'samples', sizes: { train: 21_953, val: 3_166, test: 3_289 } },
  fields: { annotations: path('path of the file'), images: path('folder of the pictures, <image_id>.jpg') },
  paths: ['annotations', 'images'],
  async open(config, context) {
    const samples = new SampleCollector();
    const complete = new Set<string>();
    const records = readRecords(config.annotations, { member: 'data' }, record, context);
    await useRecords(records, context, ({ value: { image_id, caption_str, reference_strs } }) => {
      if (complete.has(image_id)) return;
      if (reference_strs !== undefined) complete.add(image_id);
      const captions = reference_strs ?? (caption_str === undefined ? [] : [caption_str]);
      samples.add(
        image_id,
        { image: imageFile(config.images, `${image_id}.jpg`) },
        { captions: captions.map((text) => text.trim()) },
      );
    });
    return samples.dataset(config.annotations);
  },
});
