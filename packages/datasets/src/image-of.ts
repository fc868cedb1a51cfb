import { DatasetError } from './dataset-error.js';
import type { ImageSource, Sample } from './sample.js';

/** The one picture of a sample. @throws {DatasetError} naming the sample when it has none, or several. */
export function imageOf({ id, media }: Pick<Sample, 'id' | 'media'>): ImageSource {
  if (media.image !== undefined) return media.image;
  const kinds = Object.keys(media).join(' and ') || 'no media';
  throw new DatasetError(
    `the sample ${id} has ${kinds} in place of one picture`,
    'take a data set of pictures',
  );
}
