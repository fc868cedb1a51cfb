import { type RgbImage, resizeImage } from '@ocelli/backbones';

/** Share of the height that is left between two pictures, as between the boxes of NLVR's drawings. */
const gapShare = 1 / 20;
const grey = 128;

/**
 * Pictures left to right as one, all as high as the highest, with a grey gap between two: each keeps its shape, and where one
 * ends can be seen.
 */
export async function besideEachOther(pictures: readonly RgbImage[]): Promise<RgbImage> {
  const height = Math.max(...pictures.map((picture) => picture.height));
  const gap = Math.max(1, Math.round(height * gapShare));
  const scaled = await Promise.all(
    pictures.map((picture) =>
      picture.height === height
        ? picture
        : resizeImage(
            picture,
            Math.max(1, Math.round((picture.width * height) / picture.height)),
            height,
            'bicubic',
          ),
    ),
  );
  const width = scaled.reduce((sum, picture) => sum + picture.width, gap * (scaled.length - 1));
  const data = new Uint8Array(3 * width * height).fill(grey);
  let left = 0;
  for (const picture of scaled) {
    for (let row = 0; row < height; row++) {
      const from = 3 * row * picture.width;
      data.set(picture.data.subarray(from, from + 3 * picture.width), 3 * (row * width + left));
    }
    left += picture.width + gap;
  }
  return { data, width, height, channels: 3 };
}
