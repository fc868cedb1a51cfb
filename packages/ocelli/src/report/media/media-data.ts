/** A picture. */
export interface ReportPicture {
  readonly kind: 'picture';
  /** A `data:image/...;base64,` address. */
  readonly picture: string;
}

/** Frames of a video, at equal distances in time. */
export interface ReportVideo {
  readonly kind: 'video';
  /** All frames beside each other, equally wide, the first on the left: a `data:image/...;base64,` address. */
  readonly strip: string;
  /** How many, at least 2. */
  readonly frames: number;
  /** Width of a frame over its height. */
  readonly aspectRatio: number;
  /** How long the video is. */
  readonly seconds: number;
}

/** Sound that can be played, with its picture. */
export interface ReportSound {
  readonly kind: 'sound';
  /** A `data:audio/wav;base64,` address. */
  readonly sound: string;
  /** Time to the right, frequency upwards on the mel scale of `melRow`: a `data:image/...;base64,` address. */
  readonly spectrogram: string;
  /** What time the spectrogram spans, from 0. */
  readonly seconds: number;
  /** Hz: the upper end of the highest of `bands`. */
  readonly highest: number;
  /** Rows of the spectrogram. */
  readonly bands: number;
  /** True if only the beginning is here. */
  readonly isCut: boolean;
}

/** What a model saw or heard, as plain data that needs no file and no network. `reportMedia` makes it. */
export type ReportMedia = ReportPicture | ReportVideo | ReportSound;

/** What tells media apart: those with the same picture, frames or sound are the same. */
export function addressOf(media: ReportMedia): string {
  if (media.kind === 'picture') return media.picture;
  return media.kind === 'video' ? media.strip : media.sound;
}

/** What a reader calls media: `picture`, `video`, `recording`, or `sample` where there are several kinds. */
export function wordFor(media: readonly ReportMedia[]): string {
  const words = { picture: 'picture', video: 'video', sound: 'recording' } as const;
  const kinds = new Set(media.map(({ kind }) => kind));
  if (kinds.size > 1) return 'sample';
  return words[media[0]?.kind ?? 'picture'];
}
