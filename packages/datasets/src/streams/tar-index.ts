import { DatasetError } from '../dataset-error.js';
import type { ByteSource } from './byte-source.js';

/** One file inside a tar archive. */
export interface TarEntry {
  readonly path: string;
  /** Byte of the archive at which its content begins. */
  readonly start: number;
  readonly size: number;
  /** Byte of the first of its headers. */
  readonly header: number;
}

const block = 512;

/** Headers of small files lie close to each other, so that this many bytes are read for one. */
const window = 32 * 1024;

function text(header: Buffer, from: number, length: number): string {
  const field = header.subarray(from, from + length);
  const end = field.indexOf(0);
  return field.subarray(0, end === -1 ? length : end).toString('utf8');
}

/** Octal digits, or, where the first bit is set, a big-endian number (GNU, for more than 8 GiB). */
function numberAt(header: Buffer, from: number, length: number): number {
  if ((header[from]! & 0x80) === 0) return Number.parseInt(text(header, from, length).trim() || '0', 8);
  let value = header[from]! & 0x7f;
  for (let at = from + 1; at < from + length; at++) value = value * 256 + header[at]!;
  return value;
}

/** Whether the sum of a header's bytes, its own field taken as spaces, is what it says. */
function isHeader(header: Buffer): boolean {
  let sum = 0;
  for (let at = 0; at < block; at++) sum += at >= 148 && at < 156 ? 0x20 : header[at]!;
  return sum === numberAt(header, 148, 8);
}

/** `path` and `size` of a pax header: records `LENGTH KEY=VALUE\n`. */
function paxFields(content: Buffer): Map<string, string> {
  const fields = new Map<string, string>();
  for (let at = 0; at < content.length; ) {
    const space = content.indexOf(0x20, at);
    const length = Number(content.toString('latin1', at, space));
    if (space === -1 || !(length > 0)) break;
    const [key, ...value] = content.toString('utf8', space + 1, at + length - 1).split('=');
    fields.set(key!, value.join('='));
    at += length;
  }
  return fields;
}

/**
 * Walks the files of a tar archive (ustar, pax and GNU long names) from a header on, without reading their contents.
 * Source: POSIX.1-2017, pax interchange format.
 *
 * @throws {DatasetError} for what is no tar archive and for one that was cut off.
 */
export async function* tarEntries(source: ByteSource, from = 0): AsyncGenerator<TarEntry> {
  let at = from;
  let first = from;
  let longPath: string | undefined;
  let longSize: number | undefined;
  let ahead: Buffer = Buffer.alloc(0);
  let aheadFrom = 0;
  while (at + block <= source.size) {
    if (at < aheadFrom || at + block > aheadFrom + ahead.length) {
      ahead = await source.read(at, at + window);
      aheadFrom = at;
    }
    const header = ahead.subarray(at - aheadFrom, at - aheadFrom + block);
    if (header.every((byte) => byte === 0)) return; // the end of the archive
    if (!isHeader(header)) {
      throw new DatasetError(
        `${source.name} is no tar archive, or is damaged at byte ${at}`,
        'get the file again',
      );
    }
    const kind = String.fromCharCode(header[156]!);
    const start = at + block;
    const size = longSize ?? numberAt(header, 124, 12);
    if (start + size > source.size) throw cutOff(source, longPath ?? text(header, 0, 100));
    at = start + Math.ceil(size / block) * block;
    if (kind === 'x' || kind === 'L') {
      const content = await source.read(start, start + size);
      if (kind === 'L') longPath = text(content, 0, content.length);
      else {
        const fields = paxFields(content);
        longPath = fields.get('path') ?? longPath;
        if (fields.has('size')) longSize = Number(fields.get('size'));
      }
      continue;
    }
    if (kind === '0' || kind === '\0' || kind === '7') {
      const prefix = text(header, 257, 6).startsWith('ustar') ? text(header, 345, 155) : '';
      const short = text(header, 0, 100);
      yield { path: longPath ?? (prefix === '' ? short : `${prefix}/${short}`), start, size, header: first };
    }
    longPath = undefined;
    longSize = undefined;
    first = at;
  }
  if (at !== source.size) throw cutOff(source, 'the middle');
}

function cutOff({ name, size }: ByteSource, where: string): DatasetError {
  return new DatasetError(`${name} was cut off in ${where}: it ends at byte ${size}`, 'get the file again');
}
