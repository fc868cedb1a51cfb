import { z } from 'zod';
import { readRecords, useRecords } from '../records/read-records.js';
import { defineFormat, path } from './define-format.js';
import { cocoFolder, imageFile } from './media-files.js';
import { SampleCollector } from './sample-collector.js';

const record = z.object({
  filepath: z.string().optional(),
  filename: z.string(),
  split: z.enum(['train', 'restval', 'val', 'test']),
  sentences: z.array(z.object({ raw: z.string() })),
});

const fields = {
  annotations: path('path of the JSON file'),
  images: path('folder of the pictures (of COCO: the one that holds train2014 and val2014)'),
  split: z.enum(['train', 'val', 'test']).describe('train contains restval, as published results do'),
};

const reads =
  '`images[]`: `filename`, `filepath`, `split`, `sentences[].raw`. One sample a picture; its id is the file without ending.';

async function open(
  config: { readonly annotations: string; readonly images: string; readonly split: string },
  context: Parameters<typeof useRecords>[1],
) {
  const wanted = config.split === 'train' ? ['train', 'restval'] : [config.split];
  const samples = new SampleCollector();
  const records = readRecords(config.annotations, { member: 'images' }, record, context);
  await useRecords(records, context, ({ value: { filename, filepath, split, sentences } }) => {
    if (!wanted.includes(split)) return;
    samples.add(
      filename.replace(/\.[a-z]+$/i, ''),
      { image: imageFile(config.images, filepath ?? cocoFolder(filename), filename) },
      { captions: sentences.map(({ raw }) => raw.trim()) },
    );
  });
  return samples.dataset(`${config.annotations}, ${config.split}`);
}

/** COCO captions in the splits of Karpathy and Fei-Fei 2015. */
export const cocoKarpathy = defineFormat({
  name: 'coco-karpathy',
  title: 'COCO captions, Karpathy splits',
  modalities: ['image'],
  task: 'captions',
  licence: 'captions CC BY 4.0; pictures: Flickr terms',
  source:
    'https://cs.stanford.edu/people/karpathy/deepimagesent/ (`dataset_coco.json`), pictures https://cocodataset.org',
  reads,
  published: { counted: 'samples', sizes: { train: 113_287, val: 5_000, test: 5_000 } },
  fields,
  paths: ['annotations', 'images'],
  open,
});

/** Flickr30k in the splits of Karpathy and Fei-Fei 2015. */
export const flickr30k = defineFormat({
  name: 'flickr30k',
  title: 'Flickr30k, Karpathy splits',
  modalities: ['image'],
  task: 'captions',
  licence: 'research and education only; pictures: Flickr terms',
  source:
    'https://cs.stanford.edu/people/karpathy/deepimagesent/ (`dataset_flickr30k.json`), pictures https://shannon.cs.illinois.edu/DenotationGraph/',
  reads,
  published: { counted: 'samples', sizes: { train: 29_000, val: 1_014, test: 1_000 } },
  fields,
  paths: ['annotations', 'images'],
  open,
});
