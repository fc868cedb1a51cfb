import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { DatasetError, reasonOf } from './dataset-error.js';
import type { ImageSource, Pixels } from './sample.js';

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new DatasetError(`cannot read the picture ${path} (${reasonOf(error)})`, 'check the path', {
      cause: error,
    });
  }
}

/** Decodes one encoded picture; `name` is what errors call it, `page` the frame of an animation. */
async function decode(bytes: Uint8Array, name: string, page: number): Promise<Pixels> {
  try {
    const { data, info } = await sharp(bytes, { failOn: 'error', page })
      .autoOrient()
      .flatten({ background: '#ffffff' })
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    if (info.channels !== 3) throw new Error(`decoded to ${info.channels} channels instead of 3`);
    return {
      data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
      width: info.width,
      height: info.height,
      channels: 3,
    };
  } catch (error) {
    throw new DatasetError(
      `cannot decode the picture ${name}, ${bytes.length} bytes (${reasonOf(error)})`,
      'replace the file or take it out of the data set',
      { cause: error },
    );
  }
}

/**
 * The pixels of a picture: 8-bit RGB, turned upright as its EXIF says, transparency laid on white, CMYK, grey and 16-bit
 * converted to sRGB.
 *
 * @param frame which frame of an animation (GIF, WebP). Default 0, the first.
 * @throws {DatasetError} naming the file that is missing or broken.
 */
export async function loadImage(source: ImageSource, frame = 0): Promise<Pixels> {
  switch (source.kind) {
    case 'pixels':
      return source;
    case 'rendered':
      return source.render();
    case 'bytes':
      return decode(source.data, source.name ?? 'in memory', frame);
    case 'file':
      return decode(await readBytes(source.path), source.path, frame);
  }
}
