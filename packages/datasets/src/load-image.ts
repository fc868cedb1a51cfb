import { createHash } from 'node:crypto';
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

/** Decodes one encoded picture; `name` is what errors call it. */
async function decode(bytes: Uint8Array, name: string): Promise<Pixels> {
  try {
    const { data, info } = await sharp(bytes, { failOn: 'error' })
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
 * converted to sRGB, the first frame of an animation.
 *
 * @throws {DatasetError} naming the file that is missing or broken.
 */
export async function loadImage(source: ImageSource): Promise<Pixels> {
  switch (source.kind) {
    case 'pixels':
      return source;
    case 'rendered':
      return source.render();
    case 'bytes':
      return decode(source.data, source.name ?? 'in memory');
    case 'file':
      return decode(await readBytes(source.path), source.path);
  }
}

/**
 * A name for what the picture shows, for feature caches: the SHA-256 of a file's or buffer's bytes (so a replaced file
 * is a new picture and a moved one is not), of pixels with their width, or the key of a rendered picture.
 *
 * @throws {DatasetError} naming the file that cannot be read.
 */
export async function mediaKey(source: ImageSource): Promise<string> {
  const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
  switch (source.kind) {
    case 'rendered':
      return `rendered:${source.key}`;
    case 'pixels':
      return `pixels:${source.width}x${source.height}:${sha256(source.data)}`;
    case 'bytes':
      return `bytes:${sha256(source.data)}`;
    case 'file':
      return `bytes:${sha256(await readBytes(source.path))}`;
  }
}
