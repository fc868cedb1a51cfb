import type { AudioProcessor, ImageProcessor, ImageSize, RgbImage, VideoProcessor } from '@ocelli/backbones';
import {
  type AudioSource,
  type ImageSource,
  loadAudio,
  loadImage,
  loadVideo,
  mediaKey,
  type VideoSource,
} from '@ocelli/datasets';
import { type Augmentation, augmentationName, augmentFrames, chanceOf, drawMask } from './augmentation.js';
import { besideEachOther } from './beside-each-other.js';
import { joined, type PreparedMedia } from './prepared-media.js';

/** What an encoder takes of some media. */
export interface MediaReading {
  /** Decodes and prepares it. */
  read(signal?: AbortSignal): Promise<PreparedMedia>;
  /** Names the source and how it is prepared, as a feature cache needs both. */
  key(): Promise<{ readonly processor: string; readonly media: string }>;
}

/** How media are read for an encoder. */
export interface ReadingOptions {
  /** Height and width of what it sees. */
  readonly size: ImageSize;
  /** Frames of a video. */
  readonly frames: number;
  /** Whether pictures that belong together are one row or one each. */
  readonly severalPictures: 'side-by-side' | 'mean';
  readonly augmentation: Augmentation | null;
}

/** Sound behind what is heard, which the resampling of its end takes in, in seconds. */
const margin = 0.1;

/** A picture as one row. */
export function pictureReading(
  processor: ImageProcessor,
  source: ImageSource,
  { size, augmentation }: ReadingOptions,
): MediaReading {
  const key = keyOf(source, processor.fingerprint, augmentation);
  return {
    key,
    async read() {
      let image = await loadImage(source);
      if (augmentation) {
        const random = chanceOf((await key()).media, augmentation);
        image = (await augmentFrames([image], 'image', size, augmentation, random))[0]!;
      }
      return { data: (await processor.process(image)).data, rows: 1 };
    },
  };
}

/** Pictures that belong together, left to right: one row, or one for each. */
export function picturesReading(
  processor: ImageProcessor,
  sources: readonly ImageSource[],
  options: ReadingOptions,
): MediaReading {
  const { size, augmentation, severalPictures } = options;
  const [only] = sources;
  if (sources.length === 1) return pictureReading(processor, only!, options);
  const name = `${processor.fingerprint}/${severalPictures}`;
  const key: MediaReading['key'] = async () => ({
    processor: augmentation ? `${name}/${augmentationName(augmentation)}` : name,
    media: `pictures:${(await Promise.all(sources.map(mediaKey))).join('+')}`,
  });
  return {
    key,
    async read() {
      let pictures: RgbImage[] = await Promise.all(sources.map((source) => loadImage(source)));
      if (severalPictures === 'side-by-side') pictures = [await besideEachOther(pictures)];
      if (augmentation) {
        const random = chanceOf((await key()).media, augmentation);
        const varied: RgbImage[] = [];
        for (const picture of pictures)
          varied.push(...(await augmentFrames([picture], 'image', size, augmentation, random)));
        pictures = varied;
      }
      return joined(
        await Promise.all(
          pictures.map(async (picture) => ({ data: (await processor.process(picture)).data, rows: 1 })),
        ),
      );
    },
  };
}

/** The frames of a video as so many rows: one, or one for each. */
export function videoReading(
  processor: VideoProcessor,
  source: VideoSource,
  rows: number,
  { size, frames: count, augmentation }: ReadingOptions,
): MediaReading {
  const key = keyOf(source, `${processor.fingerprint}/middle-${count}`, augmentation);
  return {
    key,
    async read(signal) {
      const abort = signal && { signal };
      if (!augmentation) {
        const { frames } = await loadVideo(source, { frames: count, ...abort });
        return { data: (await processor.process(frames)).data, rows };
      }
      const { media } = await key();
      const seed = `${media}/${augmentationName(augmentation)}`;
      const { frames } = await loadVideo(source, { frames: count, sampling: 'random', seed, ...abort });
      const random = chanceOf(media, augmentation);
      const varied = await augmentFrames(frames, 'video', size, augmentation, random);
      return { data: (await processor.process(varied)).data, rows };
    },
  };
}

/** Sound as one row. */
export function recordingReading(
  processor: AudioProcessor,
  source: AudioSource,
  { augmentation }: ReadingOptions,
): MediaReading {
  const key = keyOf(source, processor.fingerprint, augmentation);
  const options = { samplingRate: processor.config.samplingRate, maxSeconds: processor.seconds + margin };
  return {
    key,
    async read(signal) {
      const clip = await loadAudio(source, { ...options, ...(signal && { signal }) });
      const mask = augmentation && drawMask(processor, chanceOf((await key()).media, augmentation));
      return { data: (await processor.process(clip, mask ?? undefined)).data, rows: 1 };
    },
  };
}

function keyOf(
  source: ImageSource | VideoSource | AudioSource,
  processor: string,
  augmentation: Augmentation | null,
): MediaReading['key'] {
  const name = augmentation ? `${processor}/${augmentationName(augmentation)}` : processor;
  return async () => ({ processor: name, media: await mediaKey(source) });
}
