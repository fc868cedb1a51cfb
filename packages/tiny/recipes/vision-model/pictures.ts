import { type Recolour, renderScene, type Scene, type Split, sampleId, sceneOf } from '@ocelli/emoji-scenes';
import type { Random } from '@ocelli/ops';
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
}

/** How pixel values from 0 to 255 become the model's input, also written to `preprocessor_config.json`. */
export const normalisation = { mean: 1, standardDeviation: 0.5 };

/** How far pictures depart from the canonical view: 0 = upright, centred, in their own colours; 1 = fully varied. */
export type Variation = number;

/** Scatters size, turn, place and proportions around the scene's own, further than scenes themselves go. */
function varied(scene: Scene, variation: Variation, random: Random): Scene {
  const around = (middle: number, reach: number): number =>
    middle + (2 * random.uniform() - 1) * reach * variation;
  const copies = scene.copies.map(({ x, y }) => {
    const size = around(29.5, 3);
    const centre = (value: number): number => {
      const quarter = value < 32 ? 16 : 48;
      return around(quarter, 2.5);
    };
    return { x: centre(x), y: centre(y), size, rotation: around(0, 12) };
  });
  return { ...scene, copies };
}

/** Random contrast, brightness, saturation and tint of the drawing: what differs between artists as much as shapes do. */
function randomColours(variation: Variation, random: Random): Recolour {
  const spread = (reach: number): number => (2 * random.uniform() - 1) * reach * variation;
  const contrast = Math.exp(spread(0.45));
  const brightness = spread(0.15);
  const saturation = random.uniform() < 0.12 * variation ? 0 : 1 + spread(0.6);
  const gains = [0, 1, 2].map(() => 1 + spread(0.2));
  return (red, green, blue) => {
    const grey = 0.3 * red + 0.59 * green + 0.11 * blue;
    const change = (value: number, gain: number): number => {
      const saturated = grey + (value - grey) * saturation;
      return Math.min(1, Math.max(0, ((saturated - 0.5) * contrast + 0.5 + brightness) * gain));
    };
    return [change(red, gains[0]!), change(green, gains[1]!), change(blue, gains[2]!)];
  };
}

function patchLabels(
  scene: Scene,
  options: VisionModelOptions,
  concept: number,
  background: number,
): number[] {
  const grid = options.imageSize / options.patchSize;
  const side = 64 / grid;
  return Array.from({ length: grid * grid }, (_, patch) => {
    const x = ((patch % grid) + 0.5) * side;
    const y = (Math.floor(patch / grid) + 0.5) * side;
    const covered = scene.copies.some(
      (copy) => Math.max(Math.abs(copy.x - x), Math.abs(copy.y - y)) < copy.size / 2,
    );
    return covered ? concept : background;
  });
}

/** Renders samples `first` to `first + size` of a split; null leaves them as they are. */
export async function renderBatch(
  split: Split,
  first: number,
  size: number,
  options: VisionModelOptions,
  labels: ReadonlyMap<number, number>,
  colourNames: readonly string[],
  augmentation: { variation: Variation; random: Random } | null,
): Promise<PictureBatch> {
  const { imageSize, patchSize } = options;
  const pixels = new Float32Array(size * 3 * imageSize * imageSize);
  const patchCount = (imageSize / patchSize) ** 2;
  const batch: PictureBatch = {
    size,
    pixels,
    concepts: new Int32Array(size),
    counts: new Int32Array(size),
    backgrounds: new Int32Array(size),
    patches: new Int32Array(size * patchCount),
  };
  for (let i = 0; i < size; i++) {
    const set = augmentation && (first + i) % 3 === 2 ? options.concepts : 'demo';
    let scene = sceneOf(sampleId({ set, split, seed: options.seed, index: first + i }));
    if (augmentation) scene = varied(scene, augmentation.variation, augmentation.random);
    const recolour = augmentation ? randomColours(augmentation.variation, augmentation.random) : undefined;
    const { data } = await renderScene(scene, { size: imageSize, ...(recolour ? { recolour } : {}) });
    const area = imageSize * imageSize;
    for (let channel = 0; channel < 3; channel++) {
      const start = (i * 3 + channel) * area;
      for (let p = 0; p < area; p++) {
        pixels[start + p] =
          (data[p * 3 + channel]! / 255 - normalisation.mean) / normalisation.standardDeviation;
      }
    }
    const concept = labels.get(scene.concept.id)!;
    batch.concepts[i] = concept;
    batch.counts[i] = scene.count - 1;
    batch.backgrounds[i] = colourNames.indexOf(scene.background.name);
    batch.patches.set(patchLabels(scene, options, concept, labels.size), i * patchCount);
  }
  return batch;
}
