import { join } from 'node:path';
import { z } from 'zod';
import { arrayDataset } from './array-dataset.js';
import { checkImages } from './check-images.js';
import { DatasetError } from './dataset-error.js';
import { readJson } from './read-json.js';
import type { Dataset } from './sample.js';

/** COCO captions in Karpathy's splits (`dataset_coco.json` of https://cs.stanford.edu/people/karpathy/deepimagesent/). */
export interface CocoKarpathyConfig {
  readonly format: 'coco-karpathy';
  /** Path of `dataset_coco.json`. */
  readonly annotations: string;
  /** Folder that holds `train2014` and `val2014`. */
  readonly images: string;
  /** `train` contains `restval`, as published results do: 113,287 / 5,000 / 5,000 pictures. */
  readonly split: 'train' | 'val' | 'test';
  /** Look for every picture when opening. Default true. */
  readonly checkImages?: boolean;
}

const schema = z.object({
  images: z.array(
    z.object({
      filepath: z.string().optional(),
      filename: z.string(),
      split: z.enum(['train', 'restval', 'val', 'test']),
      sentences: z.array(z.object({ raw: z.string() })),
    }),
  ),
});

/** `COCO_val2014_000000391895.jpg` lies in the folder `val2014`. */
export function cocoFolder(filename: string): string {
  return /^COCO_([a-z]+\d{4})_/.exec(filename)?.[1] ?? '';
}

/**
 * Opens Karpathy's COCO. One sample a picture with its captions (five, sometimes more) as they were written; its id is
 * the file's name without ending.
 *
 * @throws {DatasetError} for a missing file, a field that does not fit and a missing picture.
 */
export async function openCocoKarpathy(config: CocoKarpathyConfig): Promise<Dataset> {
  const { images } = await readJson(config.annotations, schema);
  const wanted: readonly string[] = config.split === 'train' ? ['train', 'restval'] : [config.split];
  const samples = images
    .filter((image) => wanted.includes(image.split))
    .map(({ filepath, filename, sentences }) => ({
      id: filename.replace(/\.[a-z]+$/i, ''),
      media: {
        image: {
          kind: 'file',
          path: join(config.images, filepath ?? cocoFolder(filename), filename),
        } as const,
      },
      text: { captions: sentences.map(({ raw }) => raw.trim()) },
    }));
  if (samples.length === 0) {
    throw new DatasetError(
      `${config.annotations} has no pictures of the split ${config.split}`,
      'check the file',
    );
  }
  if (config.checkImages !== false) {
    await checkImages(
      samples.map((sample) => sample.media.image.path),
      config.annotations,
    );
  }
  return arrayDataset(`coco-karpathy/${config.split}`, samples);
}
