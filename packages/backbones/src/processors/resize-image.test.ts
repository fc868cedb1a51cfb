import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { picture } from '../../test/picture.js';
import { type ResizeFilter, type RgbImage, resizeImage } from './resize-image.js';

const { cases } = JSON.parse(
  readFileSync(new URL('../../test/pillow-resize.json', import.meta.url), 'utf8'),
) as {
  cases: { from: [number, number]; to: [number, number]; filter: ResizeFilter; data: string }[];
};

describe('resizeImage', () => {
  it.each(cases)(
    'gives the bytes that Pillow gives: $from to $to, $filter',
    async ({ from, to, filter, data }) => {
      const resized = await resizeImage(picture(...from), ...to, filter);
      expect([resized.width, resized.height, resized.channels]).toEqual([...to, 3]);
      expect(Buffer.compare(resized.data, Buffer.from(data, 'base64'))).toBe(0);
    },
  );

  it('lets other work in while it resizes a large picture', async () => {
    const image: RgbImage = {
      data: new Uint8Array(1500 * 1000 * 3).fill(90),
      width: 1500,
      height: 1000,
      channels: 3,
    };
    let turns = 0;
    const timer = setInterval(() => turns++, 0);
    const resized = await resizeImage(image, 224, 224, 'bicubic');
    clearInterval(timer);
    expect(turns).toBeGreaterThan(2);
    expect(new Set(resized.data)).toEqual(new Set([90]));
  });
});
