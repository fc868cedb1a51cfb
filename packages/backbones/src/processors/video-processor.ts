import { OcelliError, type Tensor, tensor } from '@ocelli/ops';
import type { ImageProcessor } from './image-processor.js';
import type { ImageSize } from './image-processor-config.js';
import type { RgbImage } from './resize-image.js';

/** Frames of a video as an encoder was trained on them: each by itself as an image. */
export interface ProcessedVideo extends ImageSize {
  /** `[frames, 3, height, width]`. */
  readonly data: Float32Array;
  readonly frames: number;
}

/** Turns the frames of a video into what an encoder was trained on (VideoMAE's and TimeSformer's processors). */
export class VideoProcessor {
  readonly kind = 'video';
  /** What is done to each frame. */
  readonly image: ImageProcessor;

  constructor(image: ImageProcessor) {
    this.image = image;
  }

  /** Identifies the arithmetic, as an image processor's does. */
  get fingerprint(): string {
    return this.image.fingerprint;
  }

  /** One video; its frames become one size, and there is at least one. */
  async process(frames: readonly RgbImage[]): Promise<ProcessedVideo> {
    const processed = await this.image.processAll(frames);
    return { ...processed, frames: frames.length };
  }

  /** Videos of equally many frames as a tensor `[batch, frames, 3, height, width]`. */
  async processBatch(videos: readonly (readonly RgbImage[])[]): Promise<Tensor> {
    const frames = videos[0]?.length ?? 0;
    for (const [index, video] of videos.entries()) {
      if (video.length === frames) continue;
      throw new OcelliError(
        'video-processor',
        `video ${index} has ${video.length} frames, the first ${frames}; sample equally many of each`,
      );
    }
    const { data, height, width } = await this.image.processAll(videos.flat());
    return tensor(data, [videos.length, frames, 3, height, width]);
  }
}
