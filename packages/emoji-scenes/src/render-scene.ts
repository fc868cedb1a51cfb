import { type Drawing, drawingOf } from './drawings.js';
import { type Copy, canvasUnits } from './placement.js';
import type { Scene } from './scene.js';
import { type Sprite, spriteOf } from './sprite.js';

/** A picture in memory. */
export interface Pixels {
  /** `[height, width, 3]`, red green blue, 0 to 255. */
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly channels: 3;
}

/**
 * Maps a colour of the drawing (red, green, blue from 0 to 1) to another; the background stays as it is. `across` and
 * `down` tell where it stands around the middle of the copy, from about -1 (left, top) to about 1.
 */
export type Recolour = (
  red: number,
  green: number,
  blue: number,
  across: number,
  down: number,
) => [red: number, green: number, blue: number];

/**
 * Lays one copy over the picture. Every pixel is the mean of n x n looks at the coarsest level of the sprite that is
 * still twice as fine as the picture, n chosen to miss none of it.
 */
function compose(data: Uint8Array, size: number, levels: Sprite, copy: Copy, recolour?: Recolour): void {
  const scale = size / canvasUnits;
  const side = copy.size * scale;
  const sprite = levels.findLast((level) => level.side >= 2 * side) ?? levels[0];
  const wider = Math.sqrt(copy.stretch ?? 1);
  const finest = Math.max(wider, 1 / wider);
  const looks = Math.max(2, Math.ceil((sprite.side * finest) / side));
  const radians = (copy.rotation * Math.PI) / 180;
  // One step right on the canvas is (stepX, -stepY) in the sprite, one step down is (stepY, stepX); then it is mirrored
  // and stretched along the sprite's own axes.
  const stepX = (Math.cos(radians) * sprite.side) / side;
  const stepY = (Math.sin(radians) * sprite.side) / side;
  const [alongU, alongV] = [(copy.mirrored ? -1 : 1) / wider, wider];
  const reach = finest * (Math.abs(Math.cos(radians)) + Math.abs(Math.sin(radians)));
  const half = (side * reach) / 2;
  const [centreX, centreY, middle] = [copy.x * scale, copy.y * scale, sprite.side / 2];
  const area = looks * looks;
  const [lookX, lookY] = [stepX / looks, stepY / looks];
  const { side: last, data: ink } = sprite;
  const from = (centre: number) => Math.max(0, Math.floor(centre - half));
  const to = (centre: number) => Math.min(size, Math.ceil(centre + half));
  for (let y = from(centreY); y < to(centreY); y++) {
    for (let x = from(centreX); x < to(centreX); x++) {
      let red = 0;
      let green = 0;
      let blue = 0;
      let alpha = 0;
      for (let row = 0; row < looks; row++) {
        const dx = x + 0.5 / looks - centreX;
        const dy = y + (row + 0.5) / looks - centreY;
        let u = middle + (dx * stepX + dy * stepY) * alongU;
        let v = middle + (dy * stepX - dx * stepY) * alongV;
        for (let column = 0; column < looks; column++) {
          if (u >= 0 && v >= 0 && u < last && v < last) {
            const at = ((v | 0) * last + (u | 0)) * 4;
            red += ink[at]!;
            green += ink[at + 1]!;
            blue += ink[at + 2]!;
            alpha += ink[at + 3]!;
          }
          u += lookX * alongU;
          v -= lookY * alongV;
        }
      }
      if (alpha === 0) continue;
      if (recolour) {
        const [across, down] = [(2 * (x + 0.5 - centreX)) / side, (2 * (y + 0.5 - centreY)) / side];
        const colour = recolour(red / alpha, green / alpha, blue / alpha, across, down);
        [red, green, blue] = colour.map((c) => c * alpha);
      }
      const at = (y * size + x) * 3;
      const rest = 1 - alpha / (255 * area);
      data[at] = Math.min(255, Math.round(red / area + rest * data[at]!));
      data[at + 1] = Math.min(255, Math.round(green / area + rest * data[at + 1]!));
      data[at + 2] = Math.min(255, Math.round(blue / area + rest * data[at + 2]!));
    }
  }
}

/** Sprites are at least twice as fine as the picture, and at least 128 pixels. */
export function spriteSide(size: number): number {
  return Math.max(128, 2 ** Math.ceil(Math.log2(2 * size)));
}

/**
 * Renders a scene to `size` x `size` RGB pixels. Composing 64 x 64 takes well under a millisecond; the first scene of an
 * artist also reads that artist's package, and the first scene of a drawing rasterises it.
 *
 * @param options.recolour changes the drawing's colours: an augmentation for training.
 * @param options.drawing stands in for the artist's: for training on more people's drawings than the data set has.
 * @throws when `size` is not a whole number from 8 to 1024.
 */
export async function renderScene(
  scene: Scene,
  { size = 64, recolour, drawing }: { size?: number; recolour?: Recolour; drawing?: Drawing } = {},
): Promise<Pixels> {
  if (!Number.isInteger(size) || size < 8 || size > 1024) {
    throw new Error(
      `[emoji-scenes] size ${size} is out of range; give a whole number of pixels from 8 to 1024`,
    );
  }
  const own = drawing ?? (await drawingOf(scene.artist, scene.concept));
  const sprite = await spriteOf(own, spriteSide(size));
  const data = new Uint8Array(size * size * 3);
  for (let i = 0; i < data.length; i++) data[i] = scene.background.rgb[i % 3]!;
  for (const copy of scene.copies) compose(data, size, sprite, copy, recolour);
  return { data, width: size, height: size, channels: 3 };
}
