import type { RgbImage } from './resize-image.js';

/** Row by row: a pixel at (x, y) of the result comes from (a x + b y + c, d x + e y + f). */
export type AffineMatrix = readonly [a: number, b: number, c: number, d: number, e: number, f: number];

/** What a pixel gets that comes from outside of the image, and how one between pixels is mixed. */
export interface AffineOptions {
  readonly filter: 'nearest' | 'bilinear';
  /** A grey level, 0 to 255. */
  readonly fill: number;
}

/** As Pillow's `Image.transform` with an affine matrix, to the bit; the size stays. */
export function affineTransform(
  image: RgbImage,
  matrix: AffineMatrix,
  { filter, fill }: AffineOptions,
): RgbImage {
  const result: RgbImage = { ...image, data: new Uint8Array(image.data.length).fill(fill) };
  if (filter === 'nearest') nearest(image, matrix, result.data);
  else bilinear(image, matrix, result.data);
  return result;
}

/** In Pillow's fixed point with 16 bits after it, but for an upright image, whose matrix it follows in double. */
function nearest({ data, width, height }: RgbImage, matrix: AffineMatrix, to: Uint8Array): void {
  const [a, b, c, d, e, f] = matrix;
  const isUpright = b === 0 && d === 0;
  const fixed = (value: number): number => (isUpright ? value : Math.floor(value * 65536 + 0.5) / 65536);
  let target = 0;
  for (let y = 0; y < height; y++) {
    let fromX = fixed(c + a * 0.5 + b * 0.5) + y * fixed(b);
    let fromY = fixed(f + d * 0.5 + e * 0.5) + y * fixed(e);
    for (let x = 0; x < width; x++, target += 3) {
      if (fromX >= 0 && fromX < width && fromY >= 0 && fromY < height) {
        const source = (Math.floor(fromY) * width + Math.floor(fromX)) * 3;
        for (let i = 0; i < 3; i++) to[target + i] = data[source + i]!;
      }
      fromX += fixed(a);
      fromY += fixed(d);
    }
  }
}

/** Beyond the centres of the outermost pixels these go on; levels are cut, not rounded. */
function bilinear({ data, width, height }: RgbImage, matrix: AffineMatrix, to: Uint8Array): void {
  const [a, b, c, d, e, f] = matrix;
  let target = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++, target += 3) {
      const fromX = a * (x + 0.5) + b * (y + 0.5) + c;
      const fromY = d * (x + 0.5) + e * (y + 0.5) + f;
      if (!(fromX >= 0 && fromX < width && fromY >= 0 && fromY < height)) continue;
      const column = Math.floor(fromX - 0.5);
      const row = Math.floor(fromY - 0.5);
      const across = fromX - 0.5 - column;
      const down = fromY - 0.5 - row;
      const left = Math.max(0, column) * 3;
      const right = Math.min(width - 1, column + 1) * 3;
      const above = Math.max(0, row) * width * 3;
      const below = Math.min(height - 1, row + 1) * width * 3;
      for (let i = 0; i < 3; i++) {
        const upper = mix(data[above + left + i]!, data[above + right + i]!, across);
        const lower = mix(data[below + left + i]!, data[below + right + i]!, across);
        to[target + i] = Math.trunc(mix(upper, lower, down));
      }
    }
  }
}

function mix(from: number, to: number, part: number): number {
  return from + (to - from) * part;
}
