import type { AudioSource, VideoSource } from './media/media-source.js';

/** A picture in memory. */
export interface Pixels {
  /** `[height, width, 3]`, red green blue, 0 to 255. */
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly channels: 3;
}

/** Where a picture comes from. `loadImage` turns any of these into pixels, `mediaKey` into a name for caches. */
export type ImageSource =
  | { readonly kind: 'file'; readonly path: string }
  /** An encoded file (JPEG, PNG, WebP, ...) in memory. `name` is what errors call it. */
  | { readonly kind: 'bytes'; readonly data: Uint8Array; readonly name?: string }
  | ({ readonly kind: 'pixels' } & Pixels)
  /** Drawn when asked for. Equal keys promise equal pixels. */
  | { readonly kind: 'rendered'; readonly key: string; render(): Promise<Pixels> };

/** Where a video or a recording comes from, and which part of it is meant. Decoding is another step. */
export type ClipSource = (
  | { readonly kind: 'file'; readonly path: string }
  /** An encoded file (MP4, WAV, MP3, ...) in memory. `name` is what errors call it. */
  | { readonly kind: 'bytes'; readonly data: Uint8Array; readonly name?: string }
) & {
  /** Seconds from the beginning of the file. Default 0. */
  readonly start?: number;
  /** Seconds from the beginning of the file. Default its end. */
  readonly end?: number;
};

/** What a sample shows or plays. Empty where a question needs none (part of ScienceQA). */
export interface Media {
  readonly image?: ImageSource;
  /** Several pictures that belong together, left to right (NLVR2). */
  readonly images?: readonly ImageSource[];
  readonly video?: VideoSource;
  /** Of a video with sound (AVQA) the same file as `video`. */
  readonly audio?: AudioSource;
}

/** A question about a picture, a video or a recording. */
export interface Question {
  readonly question: string;
  /** Right answers, best first; empty where the data set publishes none (test splits). */
  readonly answers: readonly string[];
  /** How right each of `answers` is, 0 to 1; training draws one in proportion. All equally right when absent. */
  readonly scores?: readonly number[];
  /** What each annotator said, repeats included (ten for VQA v2): what the VQA accuracy is computed from. */
  readonly annotatorAnswers?: readonly string[];
  /** E.g. `count`, or VQA's `what color is the`. */
  readonly type?: string;
  /** E.g. VQA's `yes/no`, `number`, `other`. */
  readonly answerType?: string;
  /** The data set's own number for it. */
  readonly id?: string;
  /** What to choose from, in the order of the data set. `answers` holds the right one. */
  readonly choices?: readonly string[];
  /** Which of `choices` is right, from 0; absent where the data set publishes none. */
  readonly correct?: number;
  /** Text that belongs to the question: ScienceQA's hint. */
  readonly context?: string;
  /** Why the answer is right, in sentences (A-OKVQA, ScienceQA). */
  readonly rationales?: readonly string[];
  /** Questions of one group count together: NLVR2's consistency is the share of groups with all answers right. */
  readonly group?: string;
  /** The part of the clip, in seconds, that answers it: `[start, end]` (TVQA, How2QA). */
  readonly span?: readonly [start: number, end: number];
}

/**
 * One picture, video or recording and all that people said of it. Features of a frozen encoder are computed once a
 * picture, so a sample is a picture; training draws a caption or a question of it.
 */
export interface Sample {
  /** Stable and unique in its data set. */
  readonly id: string;
  readonly media: Media;
  readonly text: {
    readonly captions?: readonly string[];
    readonly questions?: readonly Question[];
  };
}

/** How a data set that is not in memory is read: runs of samples at a time. */
export interface Runs {
  /** Index of the first sample of each run, ascending from 0. */
  readonly starts: ArrayLike<number>;
  /** How many runs stay in memory: an order that stays inside so many reads each once. */
  readonly kept: number;
}

/** Samples with a known length, by index or in order. Pictures are not read before `loadImage`. */
export interface Dataset extends AsyncIterable<Sample> {
  readonly name: string;
  readonly length: number;
  /** The sample at `index`, 0 to `length - 1`; rejects outside. */
  sample(index: number): Promise<Sample>;
  /** Present where samples are read when asked for; `batches` takes it to shuffle without reading all. */
  readonly runs?: Runs;
}
