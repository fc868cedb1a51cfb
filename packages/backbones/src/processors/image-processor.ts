import { OcelliError, type Tensor, tensor } from '@ocelli/ops';
import { fingerprintOf } from './fingerprint.js';
import type { ImageProcessorConfig, ImageSize } from './image-processor-config.js';
import { type RgbImage, resizeImage } from './resize-image.js';

/** Turns pixels into what an encoder was trained on: resized, cropped, rescaled and normalised. */
export class ImageProcessor {
  readonly kind = 'image';
  readonly config: ImageProcessorConfig;
  /** Identifies the arithmetic: equal for processors that give equal values. Keys the feature cache. */
  readonly fingerprint: string;
  /** Value by level, for each channel: `[3, 256]`. */
  readonly #values: readonly Float32Array[];

  constructor(config: ImageProcessorConfig) {
    this.config = config;
    this.fingerprint = fingerprintOf('1', config);
    const { normalize } = config;
    const factor = config.rescaleFactor ?? 1;
    this.#values = [0, 1, 2].map((channel) => {
      const mean = normalize?.mean[channel] ?? 0;
      const deviation = normalize?.standardDeviation[channel] ?? 1;
      return Float32Array.from({ length: 256 }, (_, level) => (level * factor - mean) / deviation);
    });
  }

  /** Size of every result; null where it follows from the image. */
  get outputSize(): ImageSize | null {
    const { resize, centerCrop } = this.config;
    if (centerCrop) return centerCrop;
    return resize && 'height' in resize.to ? resize.to : null;
  }

  /**
   * One image as `[3, height, width]`, red first. It may have any size; one that already has the right size is not
   * resampled.
   */
  async process(image: RgbImage): Promise<{ readonly data: Float32Array } & ImageSize> {
    checkImage(image);
    const resized = await this.#resize(image);
    const { height, width } = this.config.centerCrop ?? resized;
    const top = this.#cropBegin(resized.height - height);
    const left = this.#cropBegin(resized.width - width);
    // What a crop has beyond the image is black, as transformers pads.
    const firstColumn = Math.max(0, -left);
    const endColumn = Math.min(width, resized.width - left);
    const data = new Float32Array(3 * height * width);
    for (let channel = 0; channel < 3; channel++) {
      const values = this.#values[channel]!;
      if (height > resized.height || width > resized.width)
        data.fill(values[0]!, channel * height * width, (channel + 1) * height * width);
      for (let row = Math.max(0, -top); row < Math.min(height, resized.height - top); row++) {
        let source = ((row + top) * resized.width + left + firstColumn) * 3 + channel;
        let target = (channel * height + row) * width + firstColumn;
        for (let column = firstColumn; column < endColumn; column++, source += 3)
          data[target++] = values[resized.data[source]!]!;
      }
    }
    return { data, height, width };
  }

  /** Images as a tensor `[batch, 3, height, width]`; results of one size are needed, so at least one image. */
  async processBatch(images: readonly RgbImage[]): Promise<Tensor> {
    const { data, height, width } = await this.processAll(images);
    return tensor(data, [images.length, 3, height, width]);
  }

  /** As `processBatch`, the values: `[batch, 3, height, width]`. */
  async processAll(images: readonly RgbImage[]): Promise<{ readonly data: Float32Array } & ImageSize> {
    const results: Awaited<ReturnType<ImageProcessor['process']>>[] = [];
    for (const image of images) results.push(await this.process(image));
    const [first] = results;
    if (!first) throw new OcelliError('image-processor', 'a batch needs at least one image, got none');
    const data = new Float32Array(results.length * first.data.length);
    for (const [index, result] of results.entries()) {
      if (result.height !== first.height || result.width !== first.width) {
        throw new OcelliError(
          'image-processor',
          `image ${index} is ${result.width}x${result.height} after processing, the first ${first.width}x${first.height}; ` +
            `put images of one size into a batch`,
        );
      }
      data.set(result.data, index * first.data.length);
    }
    return { data, height: first.height, width: first.width };
  }

  async #resize(image: RgbImage): Promise<RgbImage> {
    const { resize } = this.config;
    if (!resize) return image;
    const { height, width } = 'height' in resize.to ? resize.to : keepAspect(image, resize.to);
    return height === image.height && width === image.width
      ? image
      : resizeImage(image, width, height, resize.filter);
  }

  #cropBegin(spare: number): number {
    return this.config.cropOrigin === 'half-even' ? roundHalfEven(spare / 2) : Math.floor(spare / 2);
  }
}

/** Throws unless the pixels are what the size says. */
export function checkImage({ data, width, height, channels }: RgbImage): void {
  const isSize = Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0;
  if (!isSize || channels !== 3 || !(data instanceof Uint8Array) || data.length !== width * height * 3) {
    throw new OcelliError(
      'image-processor',
      `an image of ${width}x${height} needs a Uint8Array of ${width * height * 3} levels in 3 channels, ` +
        `got ${data?.length} in ${channels}; decode it to RGB`,
    );
  }
}

/** As transformers' `get_size_with_aspect_ratio`: one edge is truncated, one that the longest decides is rounded. */
function keepAspect(
  { width, height }: ImageSize,
  { shortestEdge, longestEdge = Infinity }: { readonly shortestEdge: number; readonly longestEdge?: number },
): ImageSize {
  const [short, long] = [Math.min(width, height), Math.max(width, height)];
  const shrinks = (long / short) * shortestEdge > longestEdge;
  const exact = shrinks ? (longestEdge * short) / long : shortestEdge;
  const newShort = roundHalfEven(exact);
  const newLong = newShort === short ? long : Math.trunc((exact * long) / short);
  if (newShort < 1) {
    throw new OcelliError(
      'image-processor',
      `an image of ${width}x${height} has no pixel left of its shorter edge where the longer is ${longestEdge}; crop it first`,
    );
  }
  return width <= height ? { width: newShort, height: newLong } : { width: newLong, height: newShort };
}

/** To the nearest whole number, halves to the even one, as Python rounds. */
function roundHalfEven(value: number): number {
  const rounded = Math.round(value);
  return rounded - value === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}
