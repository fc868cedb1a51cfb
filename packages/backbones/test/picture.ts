import type { RgbImage } from '../src/processors/resize-image.js';

/** The picture that Python resized too (tools/golden/pillow_resize.py): noise over blocks, edges of every size. */
export function picture(width: number, height: number): RgbImage {
  const data = new Uint8Array(width * height * 3);
  let i = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let channel = 0; channel < 3; channel++) {
        const block = (Math.floor(x / 5) + Math.floor(y / 3) + channel) % 3 === 0 ? 255 : 40;
        data[i++] = block + (((x * 7919 + y * 104729 + channel * 1299709) % 8191) % 64);
      }
    }
  }
  return { data, width, height, channels: 3 };
}
