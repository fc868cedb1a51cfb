// Pictures as phones, scanners, printers and the web make them.
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { hasFfmpeg } from '../test/ffmpeg.js';
import { loadImage } from './load-image.js';
import type { Pixels } from './sample.js';

const load = (data: Uint8Array, name = 'upload') => loadImage({ kind: 'bytes', data, name });
const pixel = ({ data, width }: Pixels, x: number, y: number): number[] => [
  ...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3),
];
const near = (actual: number[], wanted: number[], tolerance: number) => {
  for (const [i, value] of wanted.entries())
    expect(Math.abs(actual[i]! - value)).toBeLessThanOrEqual(tolerance);
};
const red = [255, 0, 0];
const [green, blue, white] = [
  [0, 255, 0],
  [0, 0, 255],
  [255, 255, 255],
];

/** 32 x 16: red, green above; blue, white below. */
const quarters = (): Buffer => {
  const data = Buffer.alloc(32 * 16 * 3);
  for (let y = 0; y < 16; y++)
    for (let x = 0; x < 32; x++)
      data.set(
        [
          [red, green],
          [blue, white],
        ][y >> 3]![x >> 4]!,
        (y * 32 + x) * 3,
      );
  return data;
};
const picture = () => sharp(quarters(), { raw: { width: 32, height: 16, channels: 3 } });

/** A PNG of bytes as they stand in it, for the kinds that sharp does not write; each row begins with its filter, 0. */
function png(
  [width, height, depth, type]: readonly [number, number, number, number],
  rows: readonly number[],
  extra: readonly (readonly [string, readonly number[]])[] = [],
): Buffer {
  const chunk = (name: string, data: Uint8Array): Buffer => {
    const body = Buffer.concat([Buffer.from(name, 'latin1'), data]);
    const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    checksum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, checksum]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width);
  header.writeUInt32BE(height, 4);
  header.set([depth, type], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]),
    chunk('IHDR', header),
    ...extra.map(([name, data]) => chunk(name, Uint8Array.from(data))),
    chunk('IDAT', deflateSync(Uint8Array.from(rows))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

it.each([
  [1, red, green, blue, white],
  [2, green, red, white, blue],
  [3, white, blue, green, red],
  [4, blue, white, red, green],
  [5, red, blue, green, white],
  [6, blue, red, white, green],
  [7, white, green, blue, red],
  [8, green, white, red, blue],
])('turns a photo with EXIF orientation %i upright', async (orientation, ...corners) => {
  const photo = picture().withMetadata({ orientation }).jpeg({ quality: 100, chromaSubsampling: '4:4:4' });
  const upright = await load(await photo.toBuffer());
  const [right, bottom] = [upright.width - 1, upright.height - 1];
  expect([right, bottom]).toEqual(orientation > 4 ? [15, 31] : [31, 15]);
  near([...pixel(upright, 0, 0), ...pixel(upright, right, 0)], [...corners[0]!, ...corners[1]!], 3);
  near([...pixel(upright, 0, bottom), ...pixel(upright, right, bottom)], [...corners[2]!, ...corners[3]!], 3);
});

it('reads what printers and scanners make: CMYK, 16 bits, grey, one bit', async () => {
  const cmyk = await load(await picture().toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer());
  // Inks do not reach a screen's colours, but each stays what it is.
  for (const [x, y, strong] of [
    [2, 2, 0],
    [30, 2, 1],
    [2, 14, 2],
  ] as const) {
    const [found, others] = [pixel(cmyk, x, y)[strong]!, pixel(cmyk, x, y).filter((_, i) => i !== strong)];
    expect(found).toBeGreaterThan(Math.max(...others));
  }
  near(pixel(cmyk, 30, 14), white, 4);
  const deep = await picture().toColourspace('rgb16').tiff({ compression: 'deflate' }).toBuffer();
  expect((await sharp(deep).metadata()).depth).toBe('ushort');
  const tiff = await load(deep);
  for (const [x, y, colour] of [
    [2, 2, red],
    [30, 2, green],
    [2, 14, blue],
  ] as const)
    near(pixel(tiff, x, y), colour, 1);
  // Levels 0x0000, 0x40ff, 0x8000 and 0xffff of 65535, grey; then one pixel of three channels.
  const grey = await load(png([4, 1, 16, 0], [0, 0, 0, 0x40, 0xff, 0x80, 0, 0xff, 0xff]));
  for (const [x, level] of [0, 0x40, 0x80, 0xff].entries()) near(pixel(grey, x, 0), [level, level, level], 1);
  near(pixel(await load(png([1, 1, 16, 2], [0, 0xff, 0xff, 0x80, 0, 0, 0])), 0, 0), [255, 128, 0], 1);
  const bits = await load(png([8, 1, 1, 0], [0, 0b10110000]));
  expect([0, 1, 2, 3, 4].map((x) => pixel(bits, x, 0)[1])).toEqual([255, 0, 255, 255, 0]);
  const fax = await load(await picture().threshold(128).tiff({ bitdepth: 1 }).toBuffer());
  expect(pixel(fax, 30, 14)).toEqual(white);
});

it('lays what is transparent on white: alpha, a palette with transparency, GIF, WebP', async () => {
  const palette = [10, 20, 30, 200, 100, 0];
  const clear = await load(
    png(
      [2, 1, 8, 3],
      [0, 0, 1],
      [
        ['PLTE', palette],
        ['tRNS', [0]],
      ],
    ),
  );
  expect([pixel(clear, 0, 0), pixel(clear, 1, 0)]).toEqual([white, [200, 100, 0]]);
  // Grey whose level 77 is transparent; grey with alpha at 16 bits.
  const keyed = await load(png([2, 1, 8, 0], [0, 77, 78], [['tRNS', [0, 77]]]));
  expect([pixel(keyed, 0, 0), pixel(keyed, 1, 0)]).toEqual([white, [78, 78, 78]]);
  near(pixel(await load(png([1, 1, 16, 4], [0, 0, 0, 0x80, 0])), 0, 0), [127, 127, 127], 2);
  const half = sharp({
    create: { width: 4, height: 4, channels: 4, background: { r: 0, g: 0, b: 255, alpha: 0.5 } },
  });
  near(pixel(await load(await half.webp({ lossless: true }).toBuffer()), 1, 1), [127, 127, 255], 2);
  const none = sharp({
    create: { width: 4, height: 4, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } },
  });
  expect(pixel(await load(await none.gif().toBuffer()), 1, 1)).toEqual(white);
});

it('reads other formats and extreme sizes', async () => {
  for (const encoded of [
    picture().avif({ quality: 100 }),
    picture().webp({ quality: 100 }),
    picture().tiff(),
    picture().gif(),
  ]) {
    const pixels = await load(await encoded.toBuffer());
    near([...pixel(pixels, 2, 2), ...pixel(pixels, 30, 14)], [...red, ...white], 12);
  }
  const svg = await load(
    Buffer.from(
      '<svg xmlns="http://www.w3.org/2000/svg" width="3" height="2"><rect width="3" height="2" fill="#0f0"/></svg>',
    ),
  );
  expect([svg.width, svg.height, ...pixel(svg, 1, 1)]).toEqual([3, 2, ...green]);
  for (const [width, height] of [
    [1, 1],
    [30_000, 1],
    [1, 30_000],
  ] as const) {
    const thin = sharp({ create: { width, height, channels: 3, background: { r: 1, g: 2, b: 3 } } }).png();
    expect(await load(await thin.toBuffer())).toMatchObject({ width, height });
  }
});

it('names what is cut off, in every format, and what claims to be huge', async () => {
  const noise = Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * 2654435761) >>> 24);
  const noisy = () => sharp(noise, { raw: { width: 64, height: 64, channels: 3 } });
  for (const [format, encoded] of Object.entries({
    jpeg: noisy().jpeg(),
    progressive: noisy().jpeg({ progressive: true }),
    png: noisy().png(),
    webp: noisy().webp(),
    gif: noisy().gif(),
    tiff: noisy().tiff({ compression: 'lzw' }),
    avif: noisy().avif(),
  })) {
    const whole = await encoded.toBuffer();
    await expect(load(whole.subarray(0, Math.floor(whole.length / 2)), format)).rejects.toThrow(
      `[dataset] cannot decode the picture ${format}, ${Math.floor(whole.length / 2)} bytes`,
    );
  }
  // A few bytes that would take 10 GB.
  await expect(load(png([60_000, 60_000, 8, 2], [0]), 'bomb')).rejects.toThrow(
    'cannot decode the picture bomb',
  );
});

it('names the remedy for HEIC', async () => {
  const box = Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from('ftypheic\0\0\0\0mif1heic')]);
  await expect(load(box, 'IMG_0001.HEIC')).rejects.toThrow(
    /cannot decode the picture IMG_0001.HEIC, 24 bytes .*; it is HEIC.* convert it to JPEG/,
  );
  await expect(load(Buffer.from('BM'), 'cut.bmp')).rejects.toThrow(
    'cannot decode the picture cut.bmp, 2 bytes',
  );
});

it.skipIf(!hasFfmpeg)('reads BMP', async () => {
  // 2 x 2, 24 bits: rows from below, blue green red, filled up to four bytes.
  const header = Buffer.alloc(54);
  header.write('BM');
  header.writeUInt32LE(70, 2);
  header.writeUInt32LE(54, 10);
  header.writeUInt32LE(40, 14);
  header.writeInt32LE(2, 18);
  header.writeInt32LE(2, 22);
  header.writeUInt16LE(1, 26);
  header.writeUInt16LE(24, 28);
  const rows = Buffer.from([255, 0, 0, 255, 255, 255, 0, 0, 0, 0, 255, 0, 255, 0, 0, 0]);
  const pixels = await load(Buffer.concat([header, rows]), 'a.bmp');
  expect(pixels).toMatchObject({ width: 2, height: 2, channels: 3 });
  expect([pixel(pixels, 0, 0), pixel(pixels, 1, 0)]).toEqual([red, green]);
  expect([pixel(pixels, 0, 1), pixel(pixels, 1, 1)]).toEqual([blue, white]);
});
