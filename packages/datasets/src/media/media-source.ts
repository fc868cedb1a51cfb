import type { ClipSource, Pixels } from '../sample.js';

/** A part of a recording, in seconds from its beginning. */
export type Clip = Pick<ClipSource, 'start' | 'end'>;

/** Frames of a video in memory, in the order of their times. */
export interface Video {
  readonly frames: readonly Pixels[];
  /** When each frame appears, in seconds from the beginning. */
  readonly times: readonly number[];
  /** How long all of it is shown, in seconds; 0 for a still. */
  readonly duration: number;
}

/** One channel of sound in memory. */
export interface Waveform {
  /** `[samples]`, usually from -1 to 1. */
  readonly samples: Float32Array;
  /** Samples per second. */
  readonly samplingRate: number;
}

/** Made when asked for. Equal keys promise equal content. */
interface RenderedSource<Content> {
  readonly kind: 'rendered';
  readonly key: string;
  render(): Promise<Content>;
}

type PixelSource = { readonly kind: 'pixels' } & Pixels;
type FrameSource = { readonly kind: 'frames' } & Video;
type WaveformSource = { readonly kind: 'waveform' } & Waveform;

/** Where a video comes from; `loadVideo` turns any of these into frames. A picture is a video that stands still. */
export type VideoSource = ClipSource | PixelSource | FrameSource | RenderedSource<Video | Pixels>;

/** Where sound comes from; `loadAudio` turns any of these into a waveform. A video has the sound of its first track. */
export type AudioSource = ClipSource | WaveformSource | RenderedSource<Waveform>;

/** A picture, a video or sound. */
export type AnySource =
  | ClipSource
  | PixelSource
  | FrameSource
  | WaveformSource
  | RenderedSource<Pixels | Video | Waveform>;
