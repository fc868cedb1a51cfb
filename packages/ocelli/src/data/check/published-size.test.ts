import type { DatasetConfig } from '@ocelli/datasets';
import { expect, test } from 'vitest';
import { describePublished, publishedSize } from './published-size.js';

function describe(config: DatasetConfig, count: number): string | null {
  const size = publishedSize(config, { samples: count, captions: count, questions: count });
  return size && describePublished(size);
}

const images = 'images';

test.each<[DatasetConfig, number, string | null]>([
  [
    { format: 'gqa', annotations: 'x/testdev_balanced_questions.json', images },
    12_578,
    '12,578 questions, the published size of testdev',
  ],
  [
    { format: 'gqa', annotations: 'train_balanced_questions.json', images },
    900_000,
    '900,000 questions, 43,000 fewer than the 943,000 published of train',
  ],
  [
    { format: 'gqa', annotations: 'mine.json', images },
    5,
    '5 questions; published: train 943,000, val 132,062, testdev 12,578, test 95,336',
  ],
  [
    { format: 'vqa', questions: 'v2_OpenEnded_mscoco_test-dev2015_questions.json', images },
    107_394,
    '107,394 questions, the published size of test-dev',
  ],
  [
    { format: 'vqa', questions: 'v2_OpenEnded_mscoco_val2014_questions.json', images },
    214_355,
    '214,355 questions, 1 more than the 214,354 published of val',
  ],
  [
    { format: 'coco-karpathy', annotations: 'dataset_coco.json', images, split: 'train' },
    113_287,
    '113,287 samples, the published size of train',
  ],
  [
    { format: 'vqa-list', annotations: 'karpathy_train.json', images },
    605_102,
    '605,102 questions, the published size of karpathy_train',
  ],
  [
    { format: 'msrvtt', annotations: 'train_val_videodatainfo.json', videos: 'v', split: 'validate' },
    490,
    '490 samples, 7 fewer than the 497 published of validate',
  ],
  [{ format: 'folder', directory: 'mine' }, 7, null],
])('%o with %i', (config, count, expected) => {
  expect(describe(config, count)).toBe(expected);
});
