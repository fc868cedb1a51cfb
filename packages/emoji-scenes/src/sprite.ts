import sharp from 'sharp';
import type { Drawing } from './drawings.js';

/** A drawing as pixels at one fineness: trimmed to its ink, centred in a square, ready to be composed. */
export interface SpriteLevel {
  /** Side in pixels. */
  readonly side: number;
  /** `[side, side, 4]`: red, green, blue (each multiplied by alpha) and alpha. */
  readonly data: Uint8Array;
}

function svgOf({ body, left, top, width, height }: Drawing, side: number): Buffer {
  return Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${side}" height="${side}" viewBox="${left} ${top} ${width} ${height}">${body}</svg>`,
  );
}

/** A drawing at full, half and a quarter of its side, finest first. */
export type Sprite = readonly [full: SpriteLevel, half: SpriteLevel, quarter: SpriteLevel];

/** Every pixel the mean of two by two. */
function halved({ side, data }: SpriteLevel): SpriteLevel {
  const half = side / 2;
  const result = new Uint8Array(half * half * 4);
  for (let y = 0; y < half; y++) {
    for (let i = 0; i < half * 4; i++) {
      const at = 2 * y * side * 4 + 2 * (i - (i % 4)) + (i % 4);
      const sum = data[at]! + data[at + 4]! + data[at + side * 4]! + data[at + side * 4 + 4]!;
      result[y * half * 4 + i] = Math.round(sum / 4);
    }
  }
  return { side: half, data: result };
}

/**
 * Draws the vectors at `side` pixels, finds the ink, and draws again so that the longer side of the ink fills the
 * square: sets leave margins of 0 to 20 %, and "size" shall mean the same for all of them.
 */
async function rasterise(drawing: Drawing, side: number): Promise<Sprite> {
  const first = await sharp(svgOf(drawing, side)).ensureAlpha().raw().toBuffer();
  let [x0, y0, x1, y1] = [side, side, 0, 0];
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      if (first[(y * side + x) * 4 + 3]! > 16) {
        x0 = Math.min(x0, x);
        y0 = Math.min(y0, y);
        x1 = Math.max(x1, x + 1);
        y1 = Math.max(y1, y + 1);
      }
    }
  }
  // From pixels of the first raster to the drawing's own units; the raster centred the shorter side.
  const unit = Math.max(drawing.width, drawing.height) / side;
  const ink = Math.max(x1 - x0, y1 - y0) * unit;
  const centreX = drawing.left + drawing.width / 2 + ((x0 + x1) / 2 - side / 2) * unit;
  const centreY = drawing.top + drawing.height / 2 + ((y0 + y1) / 2 - side / 2) * unit;
  const trimmed = {
    body: drawing.body,
    left: centreX - ink / 2,
    top: centreY - ink / 2,
    width: ink,
    height: ink,
  };
  const data = new Uint8Array(await sharp(svgOf(trimmed, side)).ensureAlpha().raw().toBuffer());
  for (let i = 0; i < data.length; i += 4) {
    const alpha = data[i + 3]! / 255;
    for (let channel = 0; channel < 3; channel++) data[i + channel] = Math.round(data[i + channel]! * alpha);
  }
  const full = { side, data };
  const half = halved(full);
  return [full, half, halved(half)];
}

const sprites = new WeakMap<Drawing, Map<number, Promise<Sprite>>>();

/**
 * A drawing at `side` x `side` pixels, rasterised once (5 to 50 ms) and kept as long as the drawing is (84 kB at the 128
 * pixels that scenes of 64 use).
 */
export function spriteOf(drawing: Drawing, side: number): Promise<Sprite> {
  let sides = sprites.get(drawing);
  if (sides === undefined) {
    sides = new Map();
    sprites.set(drawing, sides);
  }
  let sprite = sides.get(side);
  if (sprite === undefined) {
    sprite = rasterise(drawing, side);
    sides.set(side, sprite);
    sprite.catch(() => sides.delete(side));
  }
  return sprite;
}
