import {
  type Clip,
  type Copy,
  canvasUnits,
  clipId,
  clipOf,
  colourNames,
  frameOf,
  momentsOf,
  motions,
  type Rgb,
  renderScene,
  type Split,
} from '@ocelli/emoji-scenes';
import type { Random } from '@ocelli/ops';
import { recolouring } from '../vision-model/augmentation.js';
import { type MoreDrawing, pickMoreDrawing } from '../vision-model/more-drawings.js';
import { normalisation } from '../vision-model/pictures.js';
import type { VideoModelOptions } from './options.js';

/** A batch of videos with what they show, in numbers: no words come near this model. */
export interface VideoBatch {
  readonly size: number;
  /** `[batch, frames, 3, height, width]`, normalised so that white is 0. */
  readonly pixels: Float32Array;
  readonly shape: readonly [batch: number, frames: number, channels: number, height: number, width: number];
  /** `[batch]`: number of the thing. */
  readonly concepts: Int32Array;
  /** `[batch]`: place in `motions`. */
  readonly motions: Int32Array;
  /** `[batch]`: number of the background's colour. */
  readonly backgrounds: Int32Array;
  /** `[batch, patches, frames]`: the thing under each patch, or one number past the last thing for the background. */
  readonly patches: Int32Array;
  /** `[batch, patches, frames]`: how much of each patch is not background, 0 to 1. */
  readonly cover: Float32Array;
}

/** Of a clip of the data set. */
const clipFrames = 8;

/** How pictures are cut. */
export interface Grid {
  readonly imageSize: number;
  readonly patchSize: number;
}

/** How clips for training differ from those of the data set. */
export interface Augmentation {
  /** 0 = not at all, 1 = as far as the vision model's pictures. */
  readonly variation: number;
  /** Drawings that now and then take the place of an artist's. */
  readonly drawings: ReadonlyMap<number, readonly MoreDrawing[]>;
  readonly random: Random;
}

/** The same clip with another pose half-way through; what happens in it stays. */
function varied(clip: Clip, { variation, random }: Augmentation): Clip {
  const spread = (reach: number): number => (2 * random.uniform() - 1) * reach * variation;
  const { x, y, size, rotation } = clip.middle;
  const middle = {
    x: x + spread(2),
    y: y + spread(2),
    size: size * Math.exp(spread(0.15)),
    rotation: rotation + spread(10),
    mirrored: random.uniform() < 0.3 * variation,
    stretch: Math.exp(spread(0.25)),
  };
  return { ...clip, middle, reach: clip.reach * Math.exp(spread(0.15)) };
}

/** The thing under each patch, or what stands for the background. */
function thingsUnder(
  { x, y, size }: Copy,
  { imageSize, patchSize }: Grid,
  concept: number,
  background: number,
): Int32Array {
  const columns = imageSize / patchSize;
  const side = canvasUnits / columns;
  return Int32Array.from({ length: columns * columns }, (_, patch) => {
    const dx = ((patch % columns) + 0.5) * side - x;
    const dy = (Math.floor(patch / columns) + 0.5) * side - y;
    return Math.hypot(dx, dy) < 0.55 * size ? concept : background;
  });
}

/** The share of each patch that is not background. */
function coverOf(data: Uint8Array, [red, green, blue]: Rgb, { imageSize, patchSize }: Grid): Float32Array {
  const columns = imageSize / patchSize;
  const cover = new Float32Array(columns * columns);
  for (let p = 0; p < imageSize * imageSize; p++) {
    const difference =
      Math.abs(data[3 * p]! - red) + Math.abs(data[3 * p + 1]! - green) + Math.abs(data[3 * p + 2]! - blue);
    if (difference < 24) continue;
    const [row, column] = [Math.floor(p / imageSize / patchSize), Math.floor((p % imageSize) / patchSize)];
    cover[row * columns + column]! += 1 / patchSize ** 2;
  }
  return cover;
}

/** The moments of the frames that stand at the middles of equal parts of a clip of the data set, as pipelines choose them. */
function seenMoments(frames: number): number[] {
  const moments = momentsOf(clipFrames);
  return Array.from({ length: frames }, (_, i) => moments[Math.floor(((i + 0.5) * clipFrames) / frames)]!);
}

/**
 * Renders clips `first` to `first + size` of a split, as they are or augmented; with one frame, each at a moment drawn at
 * random.
 */
export async function renderVideos(
  split: Split,
  first: number,
  size: number,
  options: VideoModelOptions,
  grid: Grid,
  labels: ReadonlyMap<number, number>,
  augmentation?: Augmentation,
): Promise<VideoBatch> {
  const { frames } = options;
  const { imageSize, patchSize } = grid;
  const area = imageSize * imageSize;
  const patchCount = (imageSize / patchSize) ** 2;
  const batch: VideoBatch = {
    size,
    pixels: new Float32Array(size * frames * 3 * area),
    shape: [size, frames, 3, imageSize, imageSize],
    concepts: new Int32Array(size),
    motions: new Int32Array(size),
    backgrounds: new Int32Array(size),
    patches: new Int32Array(size * patchCount * frames),
    cover: new Float32Array(size * patchCount * frames),
  };
  for (let i = 0; i < size; i++) {
    const set = augmentation && (first + i) % 3 === 2 ? options.concepts : 'demo';
    const sample = clipOf(clipId({ set, split, seed: options.seed, index: first + i }));
    const clip = augmentation ? varied(sample, augmentation) : sample;
    const look = { size: imageSize, ...colouring(clip, augmentation) };
    const concept = labels.get(clip.concept.id)!;
    batch.concepts[i] = concept;
    batch.motions[i] = motions.indexOf(clip.motion);
    batch.backgrounds[i] = colourNames.indexOf(clip.background.name);
    const moments =
      frames === 1 && augmentation ? [augmentation.random.uniform() - 0.5] : seenMoments(frames);
    for (const [frame, moment] of moments.entries()) {
      const scene = frameOf(clip, moment);
      const { data } = await renderScene(scene, look);
      for (let channel = 0; channel < 3; channel++) {
        const start = ((i * frames + frame) * 3 + channel) * area;
        for (let p = 0; p < area; p++) {
          batch.pixels[start + p] =
            (data[p * 3 + channel]! / 255 - normalisation.mean) / normalisation.standardDeviation;
        }
      }
      const cover = coverOf(data, scene.background.rgb, grid);
      const things = thingsUnder(scene.copies[0]!, grid, concept, labels.size);
      for (let patch = 0; patch < patchCount; patch++) {
        const at = (i * patchCount + patch) * frames + frame;
        batch.patches[at] = things[patch]!;
        batch.cover[at] = cover[patch]!;
      }
    }
  }
  return batch;
}

/** Another's drawing now and then, and other colours: what differs between artists. */
function colouring(clip: Clip, augmentation: Augmentation | undefined) {
  if (!augmentation) return {};
  const { variation, drawings, random } = augmentation;
  const drawing = pickMoreDrawing(drawings, clip.concept, random);
  const recolour = recolouring(variation, drawing?.isSilhouette ?? false, random);
  return drawing ? { recolour, drawing } : { recolour };
}
