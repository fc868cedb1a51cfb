import { stat } from 'node:fs/promises';
import { DatasetError, type ImageSource, type Media, type Pixels, probePicture } from '@ocelli/datasets';

/** A picture, a video or sound: the path of a file, a source of a picture, pixels, or what a sample holds. */
export type MediaInput = string | ImageSource | Pixels | Media;

/** Broken ones are named as pictures too. */
const pictureName = /\.(jpe?g|png|webp|gif|avif|hei[cf]|tiff?|svg|bmp)$/i;

/**
 * The media of a file: its picture, or what of video and sound an encoder finds in it.
 * @throws {DatasetError} if there is no such file, or it is a folder.
 */
export async function mediaOf(input: MediaInput): Promise<Media> {
  if (typeof input === 'string') {
    const found = await stat(input).catch((error: Error) => {
      throw new DatasetError(`cannot read ${input} (${error.message})`, 'check the path', { cause: error });
    });
    if (found.isDirectory())
      throw new DatasetError(`cannot read ${input} (it is a folder)`, 'give the path of a file');
    return mediaOf({ kind: 'file', path: input });
  }
  if ('data' in input && !('kind' in input)) return { image: { kind: 'pixels', ...input } };
  if (!('kind' in input)) return input;
  if (input.kind === 'pixels' || input.kind === 'rendered') return { image: input };
  const isPicture =
    (input.kind === 'file' && pictureName.test(input.path)) ||
    (await probePicture(input.kind === 'file' ? input.path : input.data)) !== null;
  return isPicture ? { image: input } : { video: input, audio: input };
}
