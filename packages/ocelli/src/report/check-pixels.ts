import type { Pixels } from '@ocelli/datasets';

/**
 * Throws unless a picture has at least one pixel and exactly three bytes a pixel.
 *
 * @param operation what the error calls the caller
 * @throws RangeError
 */
export function checkPixels(operation: string, { data, width, height, channels }: Pixels): void {
  const isSize = Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0;
  if (!isSize || channels !== 3 || data.length !== width * height * 3) {
    throw new RangeError(
      `[${operation}] a picture of ${width} x ${height} x ${channels} came with ${data.length} bytes; ` +
        'pass [height, width, 3] with one byte a value',
    );
  }
}
