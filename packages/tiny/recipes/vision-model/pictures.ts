import {
  type Copy,
  canvasUnits,
  colourNames,
  renderScene,
  type Scene,
  type Split,
  sampleId,
  sceneOf,
} from '@ocelli/emoji-scenes';
import type { Random } from '@ocelli/ops';
import { recolouring, variedCopy } from './augmentation.js';
import { type MoreDrawing, pickMoreDrawing } from './more-drawings.js';
import type { VisionModelOptions } from './options.js';

/** A batch of pictures with what they show, in numbers: no words come near this model. */
export interface PictureBatch {
  readonly size: number;
  /** `[batch, 3, height, width]`, normalised so that white is 0. */
  readonly pixels: Float32Array;
  /** `[batch]`: number of the thing. */
  readonly concepts: Int32Array;
  /** `[batch]`: copies minus one. */
  readonly counts: Int32Array;
  /** `[batch]`: number of the background's colour. */
  readonly backgrounds: Int32Array;
  /** `[batch, patches]`: the thing under each patch, or one number past the last thing for the background. */
  readonly patches: Int32Array;
  /** `[batch]`: the quarter that has the picture's only copy, where each has but one; row by row from the top left. */
  readonly quarters: Int32Array | null;
}

/** How pixel values from 0 to 255 become the model's input, also written to `preprocessor_config.json`. */
export const normalisation = { mean: 1, standardDeviation: 0.5 };

/** How pictures for training differ from those of the data set. */
export interface Augmentation {
  /** How far they depart from the canonical view: 0 = upright, centred, in their own colours; 1 = fully varied. */
  readonly variation: number;
  /** Only the first copy of each scene is drawn. */
  readonly single: boolean;
  /** Drawings that now and then take the place of an artist's. */
  readonly drawings: ReadonlyMap<number, readonly MoreDrawing[]>;
  readonly random: Random;
}

function quarterOf({ x, y }: Copy): number {
  return Number(x >= canvasUnits / 2) + 2 * Number(y >= canvasUnits / 2);
}

/** How a scene is rendered for training. */
function renderOptions(scene: Scene, { variation, drawings, random }: Augmentation) {
  const drawing = pickMoreDrawing(drawings, scene.concept, random);
  const recolour = recolouring(variation, drawing?.isSilhouette ?? false, random);
  return drawing ? { recolour, drawing } : { recolour };
}

function augmented(scene: Scene, { variation, single, random }: Augmentation): Scene {
  const copies = single ? scene.copies.slice(0, 1) : scene.copies;
  return { ...scene, copies: copies.map((copy) => variedCopy(copy, variation, random)) };
}

function patchLabels(
  scene: Scene,
  options: VisionModelOptions,
  concept: number,
  background: number,
): number[] {
  const grid = options.imageSize / options.patchSize;
  const side = canvasUnits / grid;
  return Array.from({ length: grid * grid }, (_, patch) => {
    const x = ((patch % grid) + 0.5) * side;
    const y = (Math.floor(patch / grid) + 0.5) * side;
    const covered = scene.copies.some(
      (copy) => Math.max(Math.abs(copy.x - x), Math.abs(copy.y - y)) < copy.size / 2,
    );
    return covered ? concept : background;
  });
}

/** Renders samples `first` to `first + size` of a split, as they are or augmented. */
export async function renderBatch(
  split: Split,
  first: number,
  size: number,
  options: VisionModelOptions,
  labels: ReadonlyMap<number, number>,
  augmentation?: Augmentation,
): Promise<PictureBatch> {
  const { imageSize, patchSize } = options;
  const area = imageSize * imageSize;
  const patchCount = (imageSize / patchSize) ** 2;
  const batch: PictureBatch = {
    size,
    pixels: new Float32Array(size * 3 * area),
    concepts: new Int32Array(size),
    counts: new Int32Array(size),
    backgrounds: new Int32Array(size),
    patches: new Int32Array(size * patchCount),
    quarters: augmentation?.single ? new Int32Array(size) : null,
  };
  for (let i = 0; i < size; i++) {
    const set = augmentation && (first + i) % 3 === 2 ? options.concepts : 'demo';
    const sample = sceneOf(sampleId({ set, split, seed: options.seed, index: first + i }));
    const scene = augmentation ? augmented(sample, augmentation) : sample;
    const rendering = augmentation ? renderOptions(scene, augmentation) : {};
    const { data } = await renderScene(scene, { size: imageSize, ...rendering });
    for (let channel = 0; channel < 3; channel++) {
      const start = (i * 3 + channel) * area;
      for (let p = 0; p < area; p++) {
        batch.pixels[start + p] =
          (data[p * 3 + channel]! / 255 - normalisation.mean) / normalisation.standardDeviation;
      }
    }
    const concept = labels.get(scene.concept.id)!;
    batch.concepts[i] = concept;
    batch.counts[i] = scene.copies.length - 1;
    batch.backgrounds[i] = colourNames.indexOf(scene.background.name);
    batch.patches.set(patchLabels(scene, options, concept, labels.size), i * patchCount);
    if (batch.quarters) batch.quarters[i] = quarterOf(sample.copies[0]!);
  }
  return batch;
}
