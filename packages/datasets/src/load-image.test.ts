import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { loadImage } from './load-image.js';

const red = { r: 255, g: 0, b: 0 };
const plain = (
  background: { r: number; g: number; b: number; alpha?: number },
  channels: 3 | 4 = 3,
  width = 8,
  height = 4,
) => sharp({ create: { width, height, channels, background } });
const load = async (image: Sharp) => loadImage({ kind: 'bytes', data: await image.toBuffer() });
const firstPixel = ({ data }: { data: Uint8Array }) => [...data.subarray(0, 3)];
const near = (pixel: number[], wanted: number[], tolerance: number) => {
  for (const [i, value] of wanted.entries())
    expect(Math.abs(pixel[i]! - value)).toBeLessThanOrEqual(tolerance);
};

describe('loadImage', () => {
  it('gives RGB of the stated size', async () => {
    const pixels = await load(plain(red).png());
    expect(pixels).toMatchObject({ width: 8, height: 4, channels: 3 });
    expect(pixels.data).toHaveLength(8 * 4 * 3);
    expect(firstPixel(pixels)).toEqual([255, 0, 0]);
  });

  it('turns a picture upright', async () => {
    // Left half red, right half blue; orientation 6 says that the camera was turned: shown upright, red is on top.
    const picture = plain({ r: 0, g: 0, b: 255 }, 3, 16, 8).composite([
      { input: await plain(red, 3, 8, 8).png().toBuffer(), left: 0, top: 0 },
    ]);
    const pixels = await load(
      sharp(await picture.png().toBuffer())
        .withMetadata({ orientation: 6 })
        .png(),
    );
    expect(pixels).toMatchObject({ width: 8, height: 16 });
    expect(firstPixel(pixels)).toEqual([255, 0, 0]);
    expect([...pixels.data.subarray(-3)]).toEqual([0, 0, 255]);
  });

  it('lays transparency on white, at 8 and 16 bits', async () => {
    const half = plain({ ...red, alpha: 0.5 }, 4);
    near(firstPixel(await load(half.clone().png())), [255, 127, 127], 1);
    near(firstPixel(await load(half.clone().toColourspace('rgb16').png())), [255, 127, 127], 1);
    expect(firstPixel(await load(plain({ ...red, alpha: 0 }, 4).png()))).toEqual([255, 255, 255]);
  });

  it('converts 16-bit, grey, grey with alpha, 16-bit grey and palettes', async () => {
    const picture = plain({ r: 200, g: 200, b: 200 });
    const alpha = plain({ r: 200, g: 200, b: 200, alpha: 1 }, 4);
    expect(
      (await sharp(await picture.clone().toColourspace('rgb16').png().toBuffer()).metadata()).depth,
    ).toBe('ushort');
    for (const encoded of [
      picture.clone().toColourspace('rgb16').png(),
      picture.clone().toColourspace('b-w').png(),
      picture.clone().toColourspace('grey16').png(),
      alpha.clone().toColourspace('b-w').png(),
      picture.clone().png({ palette: true }),
    ]) {
      const pixels = await load(encoded);
      expect(pixels.data).toHaveLength(8 * 4 * 3);
      near(firstPixel(pixels), [200, 200, 200], 2);
    }
  });

  it('converts CMYK', async () => {
    const pixels = await load(plain({ r: 255, g: 255, b: 255 }).toColourspace('cmyk').jpeg());
    expect(pixels.channels).toBe(3);
    near(firstPixel(pixels), [255, 255, 255], 4);
    const dark = firstPixel(await load(plain({ r: 0, g: 0, b: 0 }).toColourspace('cmyk').jpeg()));
    // The blackest ink of the profile is a dark grey.
    expect(Math.max(...dark)).toBeLessThan(70);
  });

  it('takes the first frame of an animation', async () => {
    const frames = [red, { r: 0, g: 255, b: 0 }].map((colour) => plain(colour).png().toBuffer());
    const animation = sharp(await Promise.all(frames), { join: { animated: true } }).gif();
    expect((await sharp(await animation.toBuffer()).metadata()).pages).toBe(2);
    const pixels = await load(animation);
    expect(pixels).toMatchObject({ width: 8, height: 4 });
    expect(firstPixel(pixels)).toEqual([255, 0, 0]);
  });

  it('says which file is missing or broken', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'ocelli-image-'));
    const missing = join(directory, 'no.jpg');
    await expect(loadImage({ kind: 'file', path: missing })).rejects.toThrow(
      `[dataset] cannot read the picture ${missing}`,
    );
    const noise = Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * 2654435761) >>> 24);
    const whole = await sharp(noise, { raw: { width: 64, height: 64, channels: 3 } })
      .jpeg()
      .toBuffer();
    for (const bytes of [whole.subarray(0, whole.length / 2), Buffer.from('no picture'), Buffer.alloc(0)]) {
      const path = join(directory, `broken-${bytes.length}.jpg`);
      await writeFile(path, bytes);
      await expect(loadImage({ kind: 'file', path })).rejects.toThrow(
        `[dataset] cannot decode the picture ${path}, ${bytes.length} bytes`,
      );
    }
    await expect(loadImage({ kind: 'bytes', data: Buffer.from('x'), name: 'upload 7' })).rejects.toThrow(
      'upload 7',
    );
  });

  it('passes pixels on and renders what is rendered', async () => {
    const pixels = { data: new Uint8Array(3), width: 1, height: 1, channels: 3 } as const;
    expect(await loadImage({ kind: 'pixels', ...pixels })).toMatchObject(pixels);
    expect(await loadImage({ kind: 'rendered', key: 'k', render: async () => pixels })).toBe(pixels);
  });
});
