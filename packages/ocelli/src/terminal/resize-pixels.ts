import type { Pixels } from '@ocelli/datasets';

interface Weight {
  readonly index: number;
  readonly share: number;
}

/** For each new pixel of one axis: which old pixels it covers, and what share of it each one fills. */
function coverage(from: number, to: number): Weight[][] {
  const scale = from / to;
  return Array.from({ length: to }, (_, i) => {
    const [start, end] = [i * scale, (i + 1) * scale];
    const weights: Weight[] = [];
    for (let index = Math.floor(start); index < Math.min(from, Math.ceil(end)); index++) {
      const share = (Math.min(end, index + 1) - Math.max(start, index)) / scale;
      if (share > 0) weights.push({ index, share });
    }
    return weights;
  });
}

/**
 * A picture in another size, each new pixel the mean of the area it covers. For thumbnails; no gamma is applied.
 *
 * @param pixels `[height, width, 3]`
 * @returns `[newHeight, newWidth, 3]`
 */
export function resizePixels(pixels: Pixels, width: number, height: number): Pixels {
  const across = coverage(pixels.width, width);
  const down = coverage(pixels.height, height);
  const data = new Uint8Array(width * height * 3);
  down.forEach((rows, y) => {
    across.forEach((cells, x) => {
      for (let channel = 0; channel < 3; channel++) {
        let mean = 0;
        for (const row of rows) {
          for (const cell of cells) {
            mean +=
              row.share * cell.share * pixels.data[(row.index * pixels.width + cell.index) * 3 + channel]!;
          }
        }
        data[(y * width + x) * 3 + channel] = Math.round(mean);
      }
    });
  });
  return { data, width, height, channels: 3 };
}
