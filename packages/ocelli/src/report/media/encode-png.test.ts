import { inflateSync, crc32 as zlibCrc32 } from 'node:zlib';
import { loadImage, type Pixels } from '@ocelli/datasets';
import { describe, expect, it } from 'vitest';
import { crc32 } from './crc32.js';
import { encodePng } from './encode-png.js';
import { pngDataUri } from './png-data-uri.js';

function noise(width: number, height: number): Pixels {
  let state = width * 31 + height;
  const data = Uint8Array.from({ length: width * height * 3 }, () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state >> 16;
  });
  return { data, width, height, channels: 3 };
}

describe('encodePng', () => {
  it.each([
    [1, 1],
    [3, 5],
    [64, 64],
    [301, 2],
  ])('is read back by sharp to the byte, %i x %i', async (width, height) => {
    const pixels = noise(width, height);
    expect(await loadImage({ kind: 'bytes', data: encodePng(pixels) })).toEqual(pixels);
  });

  it('writes the chunks of the specification', () => {
    const file = encodePng(noise(7, 4));
    expect(file.subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n');
    const types: string[] = [];
    for (let at = 8; at < file.length; at += 12 + file.readUInt32BE(at)) {
      const length = file.readUInt32BE(at);
      types.push(file.toString('latin1', at + 4, at + 8));
      if (types.at(-1) === 'IDAT')
        expect(inflateSync(file.subarray(at + 8, at + 8 + length)).length).toBe(4 * 22);
    }
    expect(types).toEqual(['IHDR', 'IDAT', 'IEND']);
  });

  it('makes small files of plain drawings', () => {
    const pixels: Pixels = {
      data: new Uint8Array(64 * 64 * 3).fill(200),
      width: 64,
      height: 64,
      channels: 3,
    };
    expect(encodePng(pixels).length).toBeLessThan(200);
  });

  it('says what does not fit', () => {
    const pixels: Pixels = { data: new Uint8Array(10), width: 2, height: 2, channels: 3 };
    expect(() => encodePng(pixels)).toThrow('[encodePng] a picture of 2 x 2 x 3 came with 10 bytes');
    expect(() => encodePng({ ...pixels, data: new Uint8Array(0), width: 0 })).toThrow(RangeError);
  });
});

describe('pngDataUri', () => {
  it('holds the file', () => {
    const pixels = noise(2, 3);
    const [head, body] = pngDataUri(pixels).split(',');
    expect(head).toBe('data:image/png;base64');
    expect(Buffer.from(body!, 'base64').equals(encodePng(pixels))).toBe(true);
  });
});

describe('crc32', () => {
  it('gives the published check value', () => {
    expect(crc32(Buffer.from('123456789'))).toBe(0xcbf43926);
    expect(crc32(new Uint8Array(0))).toBe(0);
  });

  it.runIf(typeof zlibCrc32 === 'function')('agrees with zlib', () => {
    expect(crc32(noise(9, 9).data)).toBe(zlibCrc32(noise(9, 9).data));
  });
});
