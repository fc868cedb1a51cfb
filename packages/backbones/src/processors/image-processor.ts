import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { OcelliError, type Tensor, tensor } from '@ocelli/ops';
import {
  type ImageProcessorConfig,
  type ImageSize,
  imageProcessorError,
  parseImageProcessorConfig,
} from './image-processor-config.js';
import { type RgbImage, resizeImage } from './resize-image.js';

/** Turns pixels into what an encoder was trained on: resized, cropped, rescaled and normalised. */
export class ImageProcessor {
  readonly config: ImageProcessorConfig;
  /** Identifies the arithmetic: equal for processors that give equal values. Keys the feature cache. */
  readonly fingerprint: string;
  /** Value by level, for each channel: `[3, 256]`. */
  readonly #values: readonly Float32Array[];

  constructor(config: ImageProcessorConfig) {
    this.config = config;
    this.fingerprint = createHash('sha256')
      .update(`1:${canonical(config)}`)
      .digest('hex')
      .slice(0, 32);
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
   * One image as `[3, height, width]`, red first. It may have any size; without a resize step it must hold the crop.
   * An image that already has the right size is not resampled.
   */
  async process(image: RgbImage): Promise<{ readonly data: Float32Array } & ImageSize> {
    checkImage(image);
    const resized = await this.#resize(image);
    const { height, width } = this.config.centerCrop ?? resized;
    // As transformers cuts: the odd pixel stays on the right and below.
    const top = Math.floor((resized.height - height) / 2);
    const left = Math.floor((resized.width - width) / 2);
    if (top < 0 || left < 0) {
      throw new OcelliError(
        'image-processor',
        `an image of ${image.width}x${image.height} is ${resized.width}x${resized.height} after resizing, ` +
          `less than the crop of ${width}x${height}; give a larger image`,
      );
    }
    const data = new Float32Array(3 * height * width);
    let target = 0;
    for (let channel = 0; channel < 3; channel++) {
      const values = this.#values[channel]!;
      for (let row = top; row < top + height; row++) {
        let source = (row * resized.width + left) * 3 + channel;
        for (let column = 0; column < width; column++, source += 3)
          data[target++] = values[resized.data[source]!]!;
      }
    }
    return { data, height, width };
  }

  /** Images as a tensor `[batch, 3, height, width]`; results of one size are needed, so at least one image. */
  async processBatch(images: readonly RgbImage[]): Promise<Tensor> {
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
    return tensor(data, [results.length, 3, first.height, first.width]);
  }

  async #resize(image: RgbImage): Promise<RgbImage> {
    const { resize } = this.config;
    if (!resize) return image;
    const { height, width } = 'height' in resize.to ? resize.to : keepAspect(image, resize.to.shortestEdge);
    return height === image.height && width === image.width
      ? image
      : resizeImage(image, width, height, resize.filter);
  }
}

/** Reads `preprocessor_config.json` of a checkpoint folder. */
export function loadImageProcessor(directory: string): ImageProcessor {
  const path = join(directory, 'preprocessor_config.json');
  if (!existsSync(path)) {
    throw imageProcessorError(
      path,
      `does not exist; add the file, or make an ImageProcessor with its config in code`,
    );
  }
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw imageProcessorError(path, `is not JSON (${(error as Error).message})`, error);
  }
  return new ImageProcessor(parseImageProcessorConfig(json, path));
}

function checkImage({ data, width, height, channels }: RgbImage): void {
  const isSize = Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0;
  if (!isSize || channels !== 3 || !(data instanceof Uint8Array) || data.length !== width * height * 3) {
    throw new OcelliError(
      'image-processor',
      `an image of ${width}x${height} needs a Uint8Array of ${width * height * 3} levels in 3 channels, ` +
        `got ${data?.length} in ${channels}; decode it to RGB`,
    );
  }
}

function keepAspect({ width, height }: ImageSize, shortestEdge: number): ImageSize {
  const long = Math.trunc((shortestEdge * Math.max(width, height)) / Math.min(width, height));
  return width <= height ? { width: shortestEdge, height: long } : { width: long, height: shortestEdge };
}

/** JSON with sorted keys. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, entry: unknown) =>
    typeof entry === 'object' && entry !== null && !Array.isArray(entry)
      ? Object.fromEntries(Object.entries(entry).sort(([a], [b]) => (a < b ? -1 : 1)))
      : entry,
  );
}
