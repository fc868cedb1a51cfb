import { z } from 'zod';
import { DatasetError } from '../dataset-error.js';
import { hasMember, readRecords, useRecords } from '../records/read-records.js';
import { defineFormat, path } from './define-format.js';
import { imageFile } from './media-files.js';
import { SampleCollector } from './sample-collector.js';

const imageRecord = z.object({ id: z.number(), file_name: z.string(), domain: z.string().optional() });
const annotationRecord = z.object({ image_id: z.number(), caption: z.string() });

/** NoCaps as published (Agrawal et al. 2019). */
export const nocaps = defineFormat({
  name: 'nocaps',
  title: 'NoCaps',
  modalities: ['image'],
  task: 'captions',
  licence: 'annotations CC BY 2.0; pictures: those of Open Images',
  source: 'https://nocaps.org/download (`nocaps_val_4500_captions.json`, `nocaps_test_image_info.json`)',
  reads:
    '`images[]`: `id`, `file_name`, `domain`; `annotations[]`: `image_id`, `caption` (absent in test). One sample a picture.',
  published: { counted: 'samples', sizes: { val: 4_500, test: 10_600 } },
  fields: {
    annotations: path('path of the file'),
    images: path('folder of the pictures'),
    domain: z
      .enum(['in-domain', 'near-domain', 'out-domain'])
      .optional()
      .describe('only pictures of this domain; default all'),
  },
  paths: ['annotations', 'images'],
  async open(config, context) {
    const samples = new SampleCollector();
    const known = new Map<number, boolean>();
    const images = readRecords(config.annotations, { member: 'images' }, imageRecord, context);
    await useRecords(images, context, ({ value: { id, file_name, domain } }) => {
      const wanted = config.domain === undefined || domain === config.domain;
      known.set(id, wanted);
      if (wanted) samples.add(String(id), { image: imageFile(config.images, file_name) }, {});
    });
    if (!(await hasMember(config.annotations, 'annotations'))) return samples.dataset(config.annotations);
    const annotations = readRecords(config.annotations, { member: 'annotations' }, annotationRecord, context);
    await useRecords(annotations, context, ({ value: { image_id, caption }, where }) => {
      const wanted = known.get(image_id);
      if (wanted === undefined) {
        throw new DatasetError(
          `${where} is of the picture ${image_id}, which the file does not list`,
          'correct it',
        );
      }
      if (wanted) samples.add(String(image_id), {}, { captions: [caption.trim()] });
    });
    return samples.dataset(config.annotations);
  },
});
