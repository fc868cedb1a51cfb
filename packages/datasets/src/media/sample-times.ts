import { DatasetError } from '../dataset-error.js';
import { randomFrom } from '../random.js';
import type { Clip } from './media-source.js';

/** Which moments of a video are looked at. */
export interface FrameSampling {
  /** How many. */
  readonly frames: number;
  /**
   * The clip is cut into as many equal parts as there are frames. `middle` (the default) looks at the middle of each;
   * `random` at a random moment of each, drawn from `seed`; `uniform` looks at its first and last frame and evenly between.
   */
  readonly sampling?: 'uniform' | 'middle' | 'random';
  /** Equal seeds draw equal moments: name the sample and the epoch in it. Needed for `random`. */
  readonly seed?: string;
}

/** When the frames of a video appear. */
export interface Timeline {
  /** Of each frame in seconds, ascending from 0. */
  readonly times: readonly number[];
  /** Where the last frame ends. */
  readonly duration: number;
}

/**
 * Indices of the frames that are shown at the moments of a sampling. A short video shows frames more than once; moments
 * count as time, so that frames of differing lengths are taken for what they are.
 *
 * @param name what errors call the video.
 * @throws {DatasetError} when numbers are out of range, or the clip begins after the end.
 */
export function sampleFrames(
  { times, duration }: Timeline,
  { frames, sampling = 'middle', seed }: FrameSampling,
  clip: Clip,
  name: string,
): number[] {
  if (!Number.isInteger(frames) || frames < 1)
    throw new DatasetError(`frames is ${frames}`, 'give a whole number of at least 1');
  if (sampling === 'random' && seed === undefined)
    throw new DatasetError(
      'sampling is random without a seed',
      'give one that names the sample and the epoch',
    );
  const [start, end] = clipBounds(clip, duration, name);
  const part = (end - start) / frames;
  const random = sampling === 'random' ? randomFrom(`frames/${seed}`) : null;
  const last = shownAt(times, end, true);
  return Array.from({ length: frames }, (_, index) => {
    if (sampling === 'uniform') {
      const final = Math.max(start, times[last]!);
      return shownAt(times, frames === 1 ? start : start + ((final - start) * index) / (frames - 1));
    }
    return Math.min(last, shownAt(times, start + part * (index + (random ? random() : 0.5))));
  });
}

/**
 * Where a clip begins and ends in a recording of this length.
 * @throws {DatasetError} when it is empty or begins after the end.
 */
export function clipBounds(
  { start = 0, end = Infinity }: Clip,
  duration: number,
  name: string,
): [number, number] {
  if (!(start >= 0) || !(end > start)) {
    throw new DatasetError(
      `the clip of ${name} is from ${start} to ${end} seconds`,
      'give a start of at least 0 and an end after it',
    );
  }
  if (start > 0 && start >= duration) {
    throw new DatasetError(
      `the clip of ${name} begins at ${start} seconds, and it is ${duration.toFixed(3)} seconds long`,
      'correct the start, or take the sample out',
    );
  }
  return [start, Math.min(end, duration)];
}

/** The last frame that appeared at a time (`before`: ahead of it), by bisection; the first if none did. */
function shownAt(times: readonly number[], time: number, before = false): number {
  let [low, high] = [0, times.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    // Timestamps are multiples of a time base that a fraction of the duration misses by a rounding error.
    const hasAppeared = before ? times[middle]! < time - 1e-6 : times[middle]! <= time + 1e-6;
    if (hasAppeared) low = middle;
    else high = middle - 1;
  }
  return low;
}
