import {
  type AudioProcessor,
  type Encoder,
  type EncoderConfig,
  type ImageProcessor,
  type Processor,
  VideoProcessor,
} from '@ocelli/backbones';
import {
  type AudioSource,
  type ImageSource,
  loadAudio,
  loadImage,
  loadVideo,
  type Media,
  mediaKey,
  type VideoSource,
} from '@ocelli/datasets';
import { OcelliError } from '@ocelli/ops';
import type { PreparedMedia } from './prepared-media.js';

/** Sound behind what is heard, which the resampling of its end takes in, in seconds. */
const margin = 0.1;

/** What an encoder takes of some media. */
export interface MediaReading {
  /** Decodes and prepares it. */
  read(signal?: AbortSignal): Promise<PreparedMedia>;
  /** Names the source and how it is prepared, as a feature cache needs both. */
  key(): Promise<{ readonly processor: string; readonly media: string }>;
}

/**
 * What stands before an encoder, whatever it takes: chooses what there is for it in some media, and how that is read.
 *
 * - An encoder of pictures sees a picture, or frames of a video one by one.
 * - An encoder of videos sees the frames of a video, or of a picture that stands still.
 * - An encoder of sound hears a recording, or the sound of a video.
 *
 * Frames are those at the middles of equal parts of a video.
 */
export class EncoderInput {
  readonly #processor: Processor;
  readonly #frames: number;

  /**
   * @param frames of a video that an encoder of pictures sees; one of videos knows for itself. Default 8.
   * @throws {OcelliError} if the processor does not make what the encoder takes.
   */
  constructor({ config }: Encoder, processor: Processor, frames = 8) {
    const isVideo = config.modality === 'video';
    this.#processor = isVideo && processor.kind === 'image' ? new VideoProcessor(processor) : processor;
    this.#frames = isVideo ? config.inputShape[0]! : frames;
    checkProcessor(this.#processor, config);
  }

  /** @throws {OcelliError} if there is nothing in the media for this encoder. */
  of(media: Media): MediaReading {
    const processor = this.#processor;
    const { image, video, audio } = media;
    if (processor.kind === 'image') {
      if (image) return picture(processor, image);
      if (video) return this.#frame(processor, video);
    } else if (processor.kind === 'video') {
      const moving = video ?? image;
      if (moving) return this.#video(processor, moving);
    } else {
      // Videos in memory have no sound.
      const sound = audio ?? (video && (video.kind === 'file' || video.kind === 'bytes') ? video : undefined);
      if (sound) return recording(processor, sound);
    }
    const found = Object.keys(media).join(' and ') || 'nothing';
    throw new OcelliError(
      'encoder',
      `the encoder takes ${processor.kind}, and there is ${found}; give it ${processor.kind}, or choose another encoder`,
    );
  }

  /** The frames of a video as one input. */
  #video(processor: VideoProcessor, source: VideoSource): MediaReading {
    const frames = this.#frames;
    return {
      async read(signal) {
        const video = await loadVideo(source, { frames, ...(signal && { signal }) });
        return { data: (await processor.process(video.frames)).data, rows: 1 };
      },
      key: async () => ({
        processor: `${processor.fingerprint}/middle-${frames}`,
        media: await mediaKey(source),
      }),
    };
  }

  /** The frames of a video as pictures. */
  #frame(processor: ImageProcessor, source: VideoSource): MediaReading {
    const { read, key } = this.#video(new VideoProcessor(processor), source);
    return { key, read: async (signal) => ({ ...(await read(signal)), rows: this.#frames }) };
  }
}

function picture(processor: ImageProcessor, source: ImageSource): MediaReading {
  return {
    read: async () => ({ data: (await processor.process(await loadImage(source))).data, rows: 1 }),
    key: async () => ({ processor: processor.fingerprint, media: await mediaKey(source) }),
  };
}

function recording(processor: AudioProcessor, source: AudioSource): MediaReading {
  const options = { samplingRate: processor.config.samplingRate, maxSeconds: processor.seconds + margin };
  return {
    async read(signal) {
      const clip = await loadAudio(source, { ...options, ...(signal && { signal }) });
      return { data: (await processor.process(clip)).data, rows: 1 };
    },
    key: async () => ({ processor: processor.fingerprint, media: await mediaKey(source) }),
  };
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
