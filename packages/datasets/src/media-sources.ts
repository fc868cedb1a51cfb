import type { ImageSource, Media } from './sample.js';

/** One picture, video or recording of a sample. */
export type MediaSource =
  | { readonly kind: 'image'; readonly source: ImageSource }
  | { readonly kind: 'video'; readonly source: NonNullable<Media['video']> }
  | { readonly kind: 'audio'; readonly source: NonNullable<Media['audio']> };

/** Everything that a sample shows or plays: pictures first, then video, then audio. */
export function mediaSources({ image, images = [], video, audio }: Media): MediaSource[] {
  return [
    ...(image === undefined ? images : [image, ...images]).map(
      (source) => ({ kind: 'image', source }) as const,
    ),
    ...(video === undefined ? [] : [{ kind: 'video', source: video } as const]),
    ...(audio === undefined ? [] : [{ kind: 'audio', source: audio } as const]),
  ];
}
