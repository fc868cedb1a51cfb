import { Random } from '@ocelli/ops';
import { vitConfig } from './settings.js';

/** How many pictures there are. */
export const pictures = 16;

export const pictureShape = [vitConfig.num_channels, vitConfig.image_size, vitConfig.image_size] as const;

/** The first pictures, in [-1, 1): `[count, 3, height, width]`. */
export function pixels(count: number): Float32Array {
  if (count > pictures) throw new Error(`[step] there are ${pictures} pictures, ${count} were asked for`);
  const random = new Random(2);
  const size = pictureShape.reduce((product, extent) => product * extent, count);
  return Float32Array.from({ length: size }, () => random.uniform() * 2 - 1);
}
