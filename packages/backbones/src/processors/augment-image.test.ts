import { Random } from '@ocelli/ops';
import { describe, expect, it } from 'vitest';
import { picture } from '../../test/picture.js';
import {
  augmentationKey,
  augmentImage,
  drawImageAugmentation,
  type ImageAugmentationDraw,
} from './augment-image.js';
import { applyOperation } from './image-operation.js';
import { drawRandAugment, imageRandAugment, videoRandAugment } from './rand-augment.js';
import { type RgbImage, resizeImage } from './resize-image.js';

const size = { width: 16, height: 12 };
const still: ImageAugmentationDraw = {
  crop: { left: 0, top: 0, width: 30, height: 20 },
  size,
  filter: 'bicubic',
  flip: false,
  operations: [],
  affine: { filter: 'bilinear', fill: 128 },
};
const pixelOf = ({ data, width }: RgbImage, x: number, y: number) => [
  ...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3),
];

describe('augmentImage', () => {
  const image = picture(30, 20);

  it('cuts, resizes, mirrors and operates, in this order', async () => {
    expect(await augmentImage(image, still)).toEqual(await resizeImage(image, 16, 12, 'bicubic'));

    const part = { ...still, crop: { left: 5, top: 7, ...size } }; // of the final size: not resampled
    const cut = await augmentImage(image, part);
    const mirrored = await augmentImage(image, { ...part, flip: true });
    for (let y = 0; y < size.height; y++) {
      for (let x = 0; x < size.width; x++) {
        expect(pixelOf(cut, x, y)).toEqual(pixelOf(image, 5 + x, 7 + y));
        expect(pixelOf(mirrored, x, y)).toEqual(pixelOf(image, 5 + 15 - x, 7 + y));
      }
    }
    const operations = [
      { name: 'solarize', amount: 90 },
      { name: 'translateX', amount: 3 },
    ] as const;
    const moved = await augmentImage(image, { ...part, flip: true, operations });
    const expected = applyOperation(
      applyOperation(mirrored, operations[0], still.affine),
      operations[1],
      still.affine,
    );
    expect(moved).toEqual(expected);
    expect(pixelOf(moved, 2, 0)).toEqual([128, 128, 128]);
  });

  it('refuses an image that the draw was not made for', async () => {
    await expect(augmentImage(picture(20, 20), still)).rejects.toThrow(
      '[augment-image] an image of 20x20 has no part of 30x20 at (0, 0); draw for images of this size',
    );
    await expect(augmentImage({ ...image, data: new Uint8Array(3) }, still)).rejects.toThrow(/got 3 in 3/);
  });
});

describe('drawImageAugmentation', () => {
  const options = { size, operations: imageRandAugment() };

  it('draws the same from the same seed, and names it', async () => {
    const draw = drawImageAugmentation(new Random(3), { width: 30, height: 20 }, options);
    const again = drawImageAugmentation(new Random(3), { width: 30, height: 20 }, options);
    expect(again).toEqual(draw);
    expect(augmentationKey(again)).toBe(augmentationKey(draw));
    expect(JSON.parse(JSON.stringify(draw))).toEqual(draw);
    expect(await augmentImage(picture(30, 20), again)).toEqual(await augmentImage(picture(30, 20), draw));
    const keys = Array.from({ length: 50 }, (_, seed) =>
      augmentationKey(drawImageAugmentation(new Random(seed), { width: 30, height: 20 }, options)),
    );
    expect(new Set(keys).size).toBe(50);
  });

  it('cuts parts of the areas and aspects asked for, everywhere', () => {
    const random = new Random(1);
    const image = { width: 600, height: 400 };
    const draws = Array.from({ length: 3000 }, () =>
      drawImageAugmentation(random, image, { size, flip: 0.25 }),
    );
    for (const { crop } of draws) {
      const area = (crop.width * crop.height) / (600 * 400);
      expect(area).toBeGreaterThan(0.495);
      expect(area).toBeLessThanOrEqual(1);
      expect(crop.width / crop.height).toBeGreaterThan(0.745);
      expect(crop.width / crop.height).toBeLessThan(1.34);
      expect(crop.left + crop.width).toBeLessThanOrEqual(600);
      expect(crop.top + crop.height).toBeLessThanOrEqual(400);
    }
    // The middle of what is cut is in the middle on average: within 5 standard errors of some 30 pixels / sqrt(3000).
    const middle = draws.reduce((sum, { crop }) => sum + crop.left + crop.width / 2, 0) / draws.length;
    expect(Math.abs(middle - 300)).toBeLessThan(5);
    const flips = draws.filter(({ flip }) => flip).length;
    expect(Math.abs(flips - 750)).toBeLessThan(5 * Math.sqrt(3000 * 0.25 * 0.75));
  });

  it('takes the middle where no part fits', () => {
    const tall = drawImageAugmentation(new Random(1), { width: 10, height: 200 }, { size });
    expect(tall.crop).toEqual({ width: 10, height: 13, left: 0, top: 93 });
    const wide = drawImageAugmentation(new Random(1), { width: 200, height: 9 }, { size });
    expect(wide.crop).toEqual({ width: 12, height: 9, left: 94, top: 0 });
  });

  it.each([
    [{ area: [0, 1] as const }, /area 0 to 1/],
    [{ area: [0.5, 1.1] as const }, /area 0.5 to 1.1/],
    [{ aspect: [2, 1] as const }, /aspect 2 to 1/],
    [{ flip: 1.5 }, /flip 1.5/],
  ])('refuses %o', (wrong, message) => {
    expect(() => drawImageAugmentation(new Random(1), size, { size, ...wrong })).toThrow(message);
  });
});

describe('drawRandAugment', () => {
  const square = { width: 224, height: 224 };
  const draws = (policy: Parameters<typeof drawRandAugment>[2]) => {
    const random = new Random(9);
    return Array.from({ length: 8000 }, () => drawRandAugment(random, square, policy));
  };
  const amountsOf = (all: ReturnType<typeof draws>): Record<string, number[]> => {
    const amounts: Record<string, Set<number>> = {};
    for (const { name, amount } of all.flat())
      amounts[name] = (amounts[name] ?? new Set()).add(Number(amount.toFixed(9)));
    return Object.fromEntries(
      Object.entries(amounts).map(([name, set]) => [name, [...set].sort((a, b) => a - b)]),
    );
  };

  it("does eP-ALM's operations on pictures with its amounts (specification §3.4)", () => {
    const all = draws(imageRandAugment());
    expect(amountsOf(all)).toEqual({
      autoContrast: [0],
      equalize: [0],
      brightness: [1.36],
      sharpness: [1.36],
      shearX: [-0.21, 0.21],
      shearY: [-0.21, 0.21],
      translateX: [-7, 7],
      translateY: [-7, 7],
      rotate: [-21, 21],
    });
    // Two of ten, each done half of the time; the identity changes nothing. Within 5 standard deviations.
    const done = all.flat().length;
    expect(Math.abs(done - 16_000 * 0.45)).toBeLessThan(5 * Math.sqrt(16_000 * 0.45 * 0.55));
    expect(all.some((draw) => draw.length === 2 && draw[0]!.name === draw[1]!.name)).toBe(true);
    expect(imageRandAugment()).toMatchObject({ filter: 'bilinear', fill: 128, count: 2, probability: 0.5 });
  });

  it("does torchvision's operations on videos with its amounts: number 9 of 31", () => {
    const bin = (from: number, to: number): number => Number((from + ((to - from) * 9) / 30).toFixed(9));
    const both = (amount: number): number[] => [-amount, amount];
    const around = [1 - bin(0, 0.9), 1 + bin(0, 0.9)];
    const all = draws(videoRandAugment());
    expect(amountsOf(all)).toEqual({
      shearX: both(bin(0, 0.3)),
      shearY: both(bin(0, 0.3)),
      translateX: both(Math.trunc(bin(0, (150 / 331) * 224))),
      translateY: both(Math.trunc(bin(0, (150 / 331) * 224))),
      rotate: both(bin(0, 30)),
      brightness: around,
      color: around,
      contrast: around,
      sharpness: around,
      posterize: [8 - Math.round(9 / ((31 - 1) / 4))],
      solarize: [bin(255, 0)],
      autoContrast: [0],
      equalize: [0],
    });
    expect(Math.abs(all.flat().length - (16_000 * 13) / 14)).toBeLessThan(5 * Math.sqrt((16_000 * 13) / 196));
  });

  it('refuses a magnitude out of its range', () => {
    expect(() => imageRandAugment(11)).toThrow('[rand-augment] magnitude must lie between 0 and 10, got 11');
    expect(() => videoRandAugment(-1)).toThrow(/between 0 and 30, got -1/);
    expect(() => videoRandAugment(Number.NaN)).toThrow(/got NaN/);
  });
});
