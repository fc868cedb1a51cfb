import type { ImageSource, Pixels } from '@ocelli/datasets';

/** A picture: the path of a file, or any source that `@ocelli/datasets` reads, or pixels. */
export type ImageInput = string | ImageSource | Pixels;

/** What `loadImage` reads. */
export function imageSource(image: ImageInput): ImageSource {
  if (typeof image === 'string') return { kind: 'file', path: image };
  return 'kind' in image ? image : { kind: 'pixels', ...image };
}
