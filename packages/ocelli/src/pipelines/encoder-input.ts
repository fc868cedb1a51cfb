import {
  type Encoder,
  type EncoderConfig,
  type ImageProcessor,
  type Processor,
  VideoProcessor,
} from '@ocelli/backbones';
import type { Media } from '@ocelli/datasets';
import { OcelliError } from '@ocelli/ops';
import type { Augmentation } from './augmentation.js';
import {
  type MediaReading,
  pictureReading,
  picturesReading,
  type ReadingOptions,
  recordingReading,
  videoReading,
} from './media-reading.js';

/**
 * What stands before an encoder, whatever it takes: chooses what there is for it in some media, and how that is read.
 *
 * - An encoder of pictures sees a picture, several beside each other, or frames of a video one by one.
 * - An encoder of videos sees the frames of a video, or of a picture that stands still.
 * - An encoder of sound hears a recording, or the sound of a video.
 *
 * Frames are those at the middles of equal parts of a video.
 */
export class EncoderInput {
  readonly #encoder: Encoder;
  readonly #processor: Processor;
  readonly #options: ReadingOptions;

  /**
   * @param options `frames` of a video that an encoder of pictures sees; one of videos knows for itself. Default 8.
   *   `severalPictures`: whether it sees pictures that belong together as one (the default) or each, and the mean of them.
   * @throws {OcelliError} if the processor does not make what the encoder takes.
   */
  constructor(
    encoder: Encoder,
    processor: Processor,
    {
      frames = 8,
      severalPictures = 'side-by-side',
      augmentation,
    }: {
      readonly frames?: number | undefined;
      readonly severalPictures?: ReadingOptions['severalPictures'] | undefined;
      readonly augmentation?: Augmentation;
    } = {},
  ) {
    const { config } = encoder;
    const isVideo = config.modality === 'video';
    const [height, width] = config.inputShape.slice(-2) as [number, number];
    this.#encoder = encoder;
    this.#processor = isVideo && processor.kind === 'image' ? new VideoProcessor(processor) : processor;
    this.#options = {
      size: { height, width },
      frames: isVideo ? config.inputShape[0]! : frames,
      severalPictures,
      augmentation: augmentation ?? null,
    };
    checkProcessor(this.#processor, config);
  }

  /** The same, but what it reads is varied. */
  augmented(augmentation: Augmentation): EncoderInput {
    const { frames, severalPictures } = this.#options;
    return new EncoderInput(this.#encoder, this.#processor, { frames, severalPictures, augmentation });
  }

  /** @throws {OcelliError} if there is nothing in the media for this encoder. */
  of(media: Media): MediaReading {
    const [processor, options] = [this.#processor, this.#options];
    const { image, images = [], video, audio } = media;
    if (processor.kind === 'image') {
      if (image) return pictureReading(processor, image, options);
      if (images.length > 0) return picturesReading(processor, images, options);
      if (video) return videoReading(new VideoProcessor(processor), video, options.frames, options);
    } else if (processor.kind === 'video') {
      const moving = video ?? image;
      if (moving) return videoReading(processor, moving, 1, options);
    } else {
      // Videos in memory have no sound.
      const sound = audio ?? (video && (video.kind === 'file' || video.kind === 'bytes') ? video : undefined);
      if (sound) return recordingReading(processor, sound, options);
    }
    const found = Object.keys(media).join(' and ') || 'nothing';
    throw new OcelliError(
      'encoder',
      `the encoder takes ${processor.kind}, and there is ${found}; give it ${processor.kind}, or choose another encoder`,
    );
  }
}

function checkProcessor(processor: Processor, config: EncoderConfig): void {
  const made =
    processor.kind === 'audio'
      ? { kind: 'audio', shape: processor.outputShape }
      : { kind: processor.kind, shape: sizeOf(processor.kind === 'video' ? processor.image : processor) };
  const taken = config.inputShape.slice(-2);
  const fits = made.kind === config.modality && (!made.shape || made.shape.join() === taken.join());
  if (fits) return;
  throw new OcelliError(
    'backbones',
    `preprocessor_config.json makes ${made.kind} of ${made.shape?.join('x')}, config.json expects ${config.modality} of ` +
      `${taken.join('x')}; correct one of them`,
  );
}

/** Height and width of what a processor of pictures makes, null where they follow from the picture. */
function sizeOf({ outputSize }: ImageProcessor): readonly [number, number] | null {
  return outputSize && [outputSize.height, outputSize.width];
}
