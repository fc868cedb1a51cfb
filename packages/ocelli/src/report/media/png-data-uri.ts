import type { Pixels } from '@ocelli/datasets';
import { encodePng } from './encode-png.js';

/**
 * A picture as an address that needs no file and no network: `data:image/png;base64,...`.
 *
 * @param pixels `[height, width, 3]`
 * @throws RangeError if the number of bytes does not fit the size
 */
export function pngDataUri(pixels: Pixels): string {
  return `data:image/png;base64,${encodePng(pixels).toString('base64')}`;
}
