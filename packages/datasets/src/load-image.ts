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

/** Begins as HEIF does, with one of the brands of pictures in HEVC (iPhones); AVIF has others. */
function isHeic(bytes: Uint8Array): boolean {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 32)).toString('latin1');
  return /^.{4}ftyp(hei[cxms]|hev[cxms]|mif1.{4}.*hei)/s.test(text);
}

/** Windows' bitmaps, which sharp does not read: their magic number, and a header of a size that there is. */
function isBmp(bytes: Uint8Array): boolean {
  return (
    bytes.length > 26 &&
    bytes[0] === 0x42 &&
    bytes[1] === 0x4d &&
    [12, 40, 52, 56, 64, 108, 124].includes(bytes[14]!)
  );
}

/** By ffmpeg. */
async function decodeBmp(data: Uint8Array, name: string): Promise<Pixels> {
  // Here, since videos are read with what this file exports.
  const { loadVideo } = await import('./media/load-video.js');
  return (await loadVideo({ kind: 'bytes', data, name }, { frames: 1 })).frames[0]!;
}

/** Decodes one encoded picture; `name` is what errors call it, `page` the frame of an animation. */
async function decode(bytes: Uint8Array, name: string, page: number): Promise<Pixels> {
  if (isBmp(bytes)) return decodeBmp(bytes, name);
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
      isHeic(bytes)
        ? 'it is HEIC, whose codec is not free; convert it to JPEG, e.g. heif-convert a.heic a.jpg or sips -s format jpeg a.heic --out a.jpg'
        : 'replace the file or take it out of the data set',
      { cause: error },
    );
  }
}

/**
 * The pixels of a picture: 8-bit RGB, turned upright as its EXIF says, transparency laid on white, CMYK, grey and 16-bit
 * converted to sRGB. BMP needs `ffmpeg` on PATH.
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
