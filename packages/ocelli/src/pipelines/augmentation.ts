import { createHash } from 'node:crypto';
import {
  type AudioProcessor,
  augmentImage,
  drawImageAugmentation,
  drawSpecAugment,
  type ImageSize,
  imageRandAugment,
  type RgbImage,
  type SpecAugmentDraw,
  videoRandAugment,
} from '@ocelli/backbones';
import { Random } from '@ocelli/ops';

/**
 * How media are varied in training, as eP-ALM was trained: pictures and the frames of a video (all alike) by a random crop,
 * mirroring and RandAugment; videos by random moments too; filter bank features by SpecAugment.
 */
export interface Augmentation {
  /** Each number varies the same media in another way, and always in the same. */
  readonly version: number;
  /** Whether half of the pictures and videos are mirrored, which is wrong where texts speak of left and right. */
  readonly flip: boolean;
}

/** Names an augmentation for feature caches; the number in it is that of the arithmetic. */
export function augmentationName({ version, flip }: Augmentation): string {
  return `augmented-1-${flip ? 'flip-' : ''}${version}`;
}

/** The chance of one version of some media, which is the same in every run. */
export function chanceOf(media: string, augmentation: Augmentation): Random {
  const digest = createHash('sha256')
    .update(`${media}/${augmentationName(augmentation)}`)
    .digest();
  return new Random(digest.readUIntLE(0, 6));
}

/** Pictures of one size with one draw, at the encoder's size. */
export async function augmentFrames(
  frames: readonly RgbImage[],
  kind: 'image' | 'video',
  size: ImageSize,
  { flip }: Augmentation,
  random: Random,
): Promise<RgbImage[]> {
  const draw = drawImageAugmentation(random, frames[0]!, {
    size,
    flip: flip ? 0.5 : 0,
    operations: kind === 'image' ? imageRandAugment() : videoRandAugment(),
  });
  // Frames that a short video shows twice are augmented once.
  const augmented = new Map<RgbImage, RgbImage>();
  for (const frame of new Set(frames)) augmented.set(frame, await augmentImage(frame, draw));
  return frames.map((frame) => augmented.get(frame)!);
}

/** Bands and frames that an encoder of filter bank features is not shown; null for other features. */
export function drawMask({ config, outputShape }: AudioProcessor, random: Random): SpecAugmentDraw | null {
  if (config.features !== 'filter-bank') return null;
  const [frames, bands] = outputShape;
  return drawSpecAugment(random, {
    bands,
    frames,
    widestBands: Math.min(24, bands),
    widestFrames: Math.min(96, frames),
  });
}
