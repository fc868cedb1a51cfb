import { deflateSync } from 'node:zlib';
import type { Pixels } from '@ocelli/datasets';
import { checkPixels } from '../check-pixels.js';
import { crc32 } from './crc32.js';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const FILTER_NONE = 0;
const FILTER_UP = 2;

function chunk(type: string, body: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), body]);
  const framed = Buffer.alloc(named.length + 8);
  framed.writeUInt32BE(body.length, 0);
  named.copy(framed, 4);
  framed.writeUInt32BE(crc32(named), named.length + 4);
  return framed;
}

/**
 * A PNG file (8 bit RGB, not interlaced) of a picture, after the W3C's PNG specification, third edition. Rows after
 * the first are stored as differences to the row above, which suits drawings and photographs alike.
 *
 * @param pixels `[height, width, 3]`
 * @throws RangeError if the number of bytes does not fit the size
 */
export function encodePng(pixels: Pixels): Buffer {
  checkPixels('encodePng', pixels);
  const { data, width, height } = pixels;
  const stride = width * 3;
  const rows = Buffer.alloc((stride + 1) * height);
  for (let y = 0; y < height; y++) {
    const target = y * (stride + 1);
    const source = y * stride;
    rows[target] = y === 0 ? FILTER_NONE : FILTER_UP;
    for (let i = 0; i < stride; i++) {
      const above = y === 0 ? 0 : data[source - stride + i]!;
      rows[target + 1 + i] = (data[source + i]! - above) & 0xff;
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8); // 8 bits, RGB, deflate, adaptive filters, no interlace
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}
