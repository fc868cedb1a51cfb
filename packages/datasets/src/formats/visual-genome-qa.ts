import { z } from 'zod';
import { readRecords, useRecords } from '../records/read-records.js';
import { defineFormat, path } from './define-format.js';
import { imageFile } from './media-files.js';
import { SampleCollector } from './sample-collector.js';

const record = z.object({
  qas: z.array(
    z.object({ qa_id: z.number(), image_id: z.number(), question: z.string(), answer: z.string() }),
  ),
});

/** Visual Genome's questions as published (Krishna et al. 2017). */
export const visualGenomeQa = defineFormat({
  name: 'visual-genome-qa',
  title: 'Visual Genome QA',
  modalities: ['image'],
  task: 'questions',
  licence: 'CC BY 4.0',
  source:
    'https://homes.cs.washington.edu/~ranjay/visualgenome/api.html (`question_answers.json`, VG_100K, VG_100K_2)',
  reads:
    'a list: `qas[]`: `qa_id`, `image_id`, `question`, `answer` (its last full stop is left out). One sample a picture.',
  published: { counted: 'questions', sizes: { all: 1_445_322 } },
  fields: { annotations: path('path of the file'), images: path('folder of all pictures, <image_id>.jpg') },
  paths: ['annotations', 'images'],
  async open(config, context) {
    const samples = new SampleCollector();
    const records = readRecords(config.annotations, 'list', record, context);
    await useRecords(records, context, ({ value: { qas } }) => {
      for (const { qa_id, image_id, question, answer } of qas) {
        samples.add(
          String(image_id),
          { image: imageFile(config.images, `${image_id}.jpg`) },
          { question: { id: String(qa_id), question, answers: [answer.trim().replace(/\.$/, '')] } },
        );
      }
    });
    return samples.dataset(config.annotations);
  },
});
