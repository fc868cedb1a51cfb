import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { DatasetError, reasonOf } from '../dataset-error.js';
import type { AnySource, Clip } from './media-source.js';

/**
 * A name for what a picture, a video or sound is, for feature caches: the SHA-256 of a file's or buffer's bytes (so a
 * replaced file is another and a moved one is not) with the clip, of pixels, frames or samples with what describes them,
 * or the key of what is rendered.
 *
 * @throws {DatasetError} naming the file that cannot be read.
 */
export async function mediaKey(source: AnySource): Promise<string> {
  switch (source.kind) {
    case 'rendered':
      return `rendered:${source.key}`;
    case 'pixels':
      return `pixels:${source.width}x${source.height}:${sha256(source.data)}`;
    case 'frames': {
      const sizes = source.frames.map(({ width, height }) => `${width}x${height}`);
      const facts = JSON.stringify([sizes, source.times, source.duration]);
      return `frames:${sha256(Buffer.from(facts), ...source.frames.map(({ data }) => data))}`;
    }
    case 'waveform': {
      const { buffer, byteOffset, byteLength } = source.samples;
      return `waveform:${source.samplingRate}:${sha256(new Uint8Array(buffer, byteOffset, byteLength))}`;
    }
    case 'bytes':
      return `bytes:${sha256(source.data)}${clipName(source)}`;
    case 'file':
      return `bytes:${await sha256OfFile(source.path)}${clipName(source)}`;
  }
}

function clipName({ start, end }: Clip): string {
  return start === undefined && end === undefined ? '' : `:${start ?? 0}-${end ?? ''}`;
}

function sha256(...parts: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}

async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(path), hash);
  } catch (error) {
    throw new DatasetError(`cannot read ${path} (${reasonOf(error)})`, 'check the path', { cause: error });
  }
  return hash.digest('hex');
}
