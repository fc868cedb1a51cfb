import { type AffineMatrix, type AffineOptions, affineTransform } from './affine-transform.js';
import type { RgbImage } from './resize-image.js';

/** What is done to an image, and how much of it. */
export interface ImageOperation {
  readonly name: OperationName;
  /**
   * Of `brightness`, `color`, `contrast` and `sharpness`: 1 leaves the image as it is, 0 leaves a black, grey, flat or
   * smooth one. Of `rotate`: degrees to the left. Of `shearX` and `shearY`: pixels to the right (down) for each pixel down
   * (to the right). Of `translateX` and `translateY`: pixels to the right or down. Of `posterize`: bits of a level that
   * stay. Of `solarize`: the level from which levels are inverted. The others have none: 0.
   */
  readonly amount: number;
}

export type OperationName = keyof typeof operations;

/** Does one operation as Pillow does (ImageOps, ImageEnhance, `Image.transform`, `Image.rotate`), to the bit. */
export function applyOperation(
  image: RgbImage,
  { name, amount }: ImageOperation,
  options: AffineOptions,
): RgbImage {
  return operations[name](image, amount, options);
}

type Operation = (image: RgbImage, amount: number, options: AffineOptions) => RgbImage;

const operations = {
  identity: (image) => image,
  autoContrast: (image) => mapChannels(image, stretched),
  equalize: (image) => mapChannels(image, equalized),
  posterize: (image, bits) => mapLevels(image, (level) => level & ~(2 ** (8 - bits) - 1)),
  solarize: (image, threshold) => mapLevels(image, (level) => (level < threshold ? level : 255 - level)),
  brightness: (image, factor) => blend(() => 0, image, factor),
  color: (image, factor) => {
    const grey = greyLevels(image);
    return blend((i) => grey[Math.floor(i / 3)]!, image, factor);
  },
  contrast: (image, factor) => {
    const grey = greyLevels(image);
    const mean = Math.trunc(grey.reduce((sum, level) => sum + level, 0) / grey.length + 0.5);
    return blend(() => mean, image, factor);
  },
  sharpness: (image, factor) => {
    const smooth = smoothed(image);
    return blend((i) => smooth[i]!, image, factor);
  },
  shearX: (image, amount, options) => affineTransform(image, [1, -amount, 0, 0, 1, 0], options),
  shearY: (image, amount, options) => affineTransform(image, [1, 0, 0, -amount, 1, 0], options),
  translateX: (image, amount, options) => affineTransform(image, [1, 0, -amount, 0, 1, 0], options),
  translateY: (image, amount, options) => affineTransform(image, [1, 0, 0, 0, 1, -amount], options),
  rotate: (image, degrees, options) => affineTransform(image, rotation(image, degrees), options),
} satisfies Record<string, Operation>;

/** About the middle. */
function rotation({ width, height }: RgbImage, degrees: number): AffineMatrix {
  const angle = -((((degrees % 360) + 360) % 360) * Math.PI) / 180;
  const [cosine, sine] = [Number(Math.cos(angle).toFixed(15)), Number(Math.sin(angle).toFixed(15))];
  const [x, y] = [width / 2, height / 2];
  return [cosine, sine, cosine * -x + sine * -y + x, -sine, cosine, -sine * -x + cosine * -y + y];
}

function mapLevels(image: RgbImage, map: (level: number) => number): RgbImage {
  const table = Uint8Array.from({ length: 256 }, (_, level) => map(level));
  return { ...image, data: image.data.map((level) => table[level]!) };
}

/** Each channel by a table that follows from its histogram. */
function mapChannels(image: RgbImage, tableOf: (histogram: Uint32Array) => Uint8Array): RgbImage {
  const tables = [0, 1, 2].map((channel) => {
    const histogram = new Uint32Array(256);
    for (let i = channel; i < image.data.length; i += 3) histogram[image.data[i]!]!++;
    return tableOf(histogram);
  });
  return { ...image, data: image.data.map((level, i) => tables[i % 3]![level]!) };
}

/** The darkest level becomes 0, the brightest 255. */
function stretched(histogram: Uint32Array): Uint8Array {
  const low = histogram.findIndex((count) => count > 0);
  const high = histogram.findLastIndex((count) => count > 0);
  const scale = high > low ? 255 / (high - low) : 1;
  const offset = high > low ? -low * scale : 0;
  return Uint8Array.from({ length: 256 }, (_, level) =>
    Math.max(0, Math.min(255, Math.trunc(level * scale + offset))),
  );
}

/** Levels such that each is about equally frequent. */
function equalized(histogram: Uint32Array): Uint8Array {
  const counts = histogram.filter((count) => count > 0);
  const step = Math.floor((counts.reduce((sum, count) => sum + count, 0) - counts.at(-1)!) / 255);
  let below = Math.floor(step / 2);
  return Uint8Array.from({ length: 256 }, (_, level) => {
    const mapped = step === 0 ? level : Math.min(255, Math.floor(below / step));
    below += histogram[level]!;
    return mapped;
  });
}

/** ITU-R 601-2 luma, in Pillow's fixed point. */
function greyLevels({ data }: RgbImage): Uint8Array {
  return Uint8Array.from({ length: data.length / 3 }, (_, pixel) => {
    const i = pixel * 3;
    return (data[i]! * 19595 + data[i + 1]! * 38470 + data[i + 2]! * 7471 + 0x8000) >> 16;
  });
}

/** A mean over 3 x 3 pixels in which the middle counts 5 times; the outermost stay. */
function smoothed({ data, width, height }: RgbImage): Uint8Array {
  const result = data.slice();
  const line = width * 3;
  for (let y = 1; y < height - 1; y++) {
    for (let i = y * line + 3; i < (y + 1) * line - 3; i++) {
      let sum = 4 * data[i]!;
      for (let row = i - line; row <= i + line; row += line)
        sum += data[row - 3]! + data[row]! + data[row + 3]!;
      result[i] = Math.floor(sum / 13 + 0.5);
    }
  }
  return result;
}

/** base + factor (image - base), in float32 and cut as in Pillow. */
function blend(base: (index: number) => number, image: RgbImage, factor: number): RgbImage {
  const weight = Math.fround(factor);
  const data = image.data.map((level, i) => {
    const from = base(i);
    const mixed = Math.fround(from + Math.fround(weight * (level - from)));
    return Math.max(0, Math.min(255, Math.trunc(mixed)));
  });
  return { ...image, data };
}
