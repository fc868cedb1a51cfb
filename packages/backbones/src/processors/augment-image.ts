import { OcelliError, type Random } from '@ocelli/ops';
import type { AffineOptions } from './affine-transform.js';
import { fingerprintOf } from './fingerprint.js';
import { applyOperation, type ImageOperation } from './image-operation.js';
import { checkImage } from './image-processor.js';
import type { ImageSize } from './image-processor-config.js';
import { drawRandAugment, type RandAugmentPolicy } from './rand-augment.js';
import { type ResizeFilter, type RgbImage, resizeImage } from './resize-image.js';

export interface ImageAugmentationOptions {
  /** Of every result: what the encoder sees, so that its processor does not resize again. */
  readonly size: ImageSize;
  /** Part of the image's area that is cut out. Default 0.5 to 1. */
  readonly area?: readonly [number, number];
  /** Width / height of what is cut out. Default 3/4 to 4/3. */
  readonly aspect?: readonly [number, number];
  /** Default bicubic. */
  readonly filter?: ResizeFilter;
  /** Probability of mirroring left and right, default 0.5. 0 keeps what texts say about sides. */
  readonly flip?: number;
  /** `imageRandAugment()` or `videoRandAugment()`; by default no further operations. */
  readonly operations?: RandAugmentPolicy;
}

/** One draw of an augmentation, as plain data: the same draw makes the same picture of the same picture. */
export interface ImageAugmentationDraw {
  /** What is cut out, in pixels of the image. */
  readonly crop: ImageSize & { readonly left: number; readonly top: number };
  readonly size: ImageSize;
  readonly filter: ResizeFilter;
  readonly flip: boolean;
  readonly operations: readonly ImageOperation[];
  /** How operations that move pixels fill in. */
  readonly affine: AffineOptions;
}

/**
 * Draws how an image of this size is augmented: a random part of it at the encoder's size (torchvision's RandomResizedCrop),
 * mirrored or not, and RandAugment's operations. eP-ALM was trained so.
 *
 * @param random the state of the stream decides: one seeded by what names the sample and its epoch repeats the draw.
 */
export function drawImageAugmentation(
  random: Random,
  image: ImageSize,
  options: ImageAugmentationOptions,
): ImageAugmentationDraw {
  const {
    size,
    area = [0.5, 1],
    aspect = [3 / 4, 4 / 3],
    filter = 'bicubic',
    flip = 0.5,
    operations,
  } = options;
  const isRange = ([low, high]: readonly [number, number]): boolean => low > 0 && low <= high;
  if (!isRange(area) || area[1] > 1 || !isRange(aspect) || !(flip >= 0 && flip <= 1)) {
    throw new OcelliError(
      'augment-image',
      `area ${area.join(' to ')}, aspect ${aspect.join(' to ')} and flip ${flip} must be ranges above 0, ` +
        `with an area and a probability of at most 1`,
    );
  }
  return {
    crop: drawCrop(random, image, area, aspect),
    size,
    filter,
    flip: random.uniform() < flip,
    operations: operations ? drawRandAugment(random, size, operations) : [],
    affine: { filter: operations?.filter ?? 'bilinear', fill: operations?.fill ?? 0 },
  };
}

/** Makes the picture of a draw. Frames of a video take one draw together. */
export async function augmentImage(image: RgbImage, draw: ImageAugmentationDraw): Promise<RgbImage> {
  checkImage(image);
  const { crop, size, filter, flip, operations, affine } = draw;
  if (crop.left + crop.width > image.width || crop.top + crop.height > image.height) {
    throw new OcelliError(
      'augment-image',
      `an image of ${image.width}x${image.height} has no part of ${crop.width}x${crop.height} at ` +
        `(${crop.left}, ${crop.top}); draw for images of this size`,
    );
  }
  let result = await resizeImage(cut(image, crop), size.width, size.height, filter);
  if (flip) result = mirror(result);
  for (const operation of operations) result = applyOperation(result, operation, affine);
  return result;
}

/**
 * A short name of what a draw does (of an image or a spectrogram): equal for equal draws. With the processor's fingerprint
 * it names what an encoder sees of a file, as the feature cache needs it: `` `${processor.fingerprint}/${augmentationKey(draw)}` ``.
 */
export function augmentationKey(draw: object): string {
  return fingerprintOf('augmentation-1', draw);
}

/** As torchvision: ten tries for a part that fits, then the middle with the nearest aspect. */
function drawCrop(
  random: Random,
  image: ImageSize,
  area: readonly [number, number],
  aspect: readonly [number, number],
): ImageAugmentationDraw['crop'] {
  const between = (low: number, high: number): number => low + (high - low) * random.uniform();
  for (let attempt = 0; attempt < 10; attempt++) {
    const pixels = image.width * image.height * between(...area);
    const ratio = Math.exp(between(Math.log(aspect[0]), Math.log(aspect[1])));
    const width = Math.round(Math.sqrt(pixels * ratio));
    const height = Math.round(Math.sqrt(pixels / ratio));
    if (width < 1 || width > image.width || height < 1 || height > image.height) continue;
    const top = random.integer(image.height - height + 1);
    return { width, height, top, left: random.integer(image.width - width + 1) };
  }
  const width = Math.min(image.width, Math.round(image.height * aspect[1]));
  const height = Math.min(image.height, Math.round(image.width / aspect[0]));
  const top = Math.floor((image.height - height) / 2);
  return { width, height, top, left: Math.floor((image.width - width) / 2) };
}

function cut(image: RgbImage, { left, top, width, height }: ImageAugmentationDraw['crop']): RgbImage {
  const data = new Uint8Array(width * height * 3);
  for (let row = 0; row < height; row++) {
    const begin = ((top + row) * image.width + left) * 3;
    data.set(image.data.subarray(begin, begin + width * 3), row * width * 3);
  }
  return { data, width, height, channels: 3 };
}

function mirror({ data: from, width, height }: RgbImage): RgbImage {
  const data = new Uint8Array(from.length);
  for (let i = 0; i < data.length; i++) {
    const column = Math.floor(i / 3) % width;
    data[i] = from[i + (width - 1 - 2 * column) * 3]!;
  }
  return { data, width, height, channels: 3 };
}
