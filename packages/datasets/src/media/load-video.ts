import { access } from 'node:fs/promises';
import { DatasetError, reasonOf } from '../dataset-error.js';
import { loadImage } from '../load-image.js';
import type { ClipSource, Pixels } from '../sample.js';
import { decodeFrames } from './decode-frames.js';
import type { Clip, Video, VideoSource } from './media-source.js';
import { nameOf, onDisk } from './on-disk.js';
import { probePicture } from './probe-picture.js';
import { probeVideo } from './probe-video.js';
import { type FrameSampling, sampleFrames, type Timeline } from './sample-times.js';

/** Which frames of a video are loaded. */
export interface VideoOptions extends FrameSampling {
  readonly signal?: AbortSignal;
}

/**
 * The frames of a video at some moments of it (see `FrameSampling`), upright, as 8-bit RGB in the file's own size: always
 * as many as asked for. Animated GIF and WebP and stills are decoded as pictures are; everything else by `ffmpeg`, which
 * has to be on PATH.
 *
 * @throws {DatasetError} naming the file that is missing, broken or without frames, or how to install ffmpeg.
 */
export async function loadVideo(source: VideoSource, options: VideoOptions): Promise<Video> {
  const { signal } = options;
  signal?.throwIfAborted();
  switch (source.kind) {
    case 'pixels':
      return take(still, options, {}, 'the picture', () => Promise.resolve([source]));
    case 'frames':
      return takeFrames(source, options);
    case 'rendered': {
      const rendered = await source.render();
      if ('frames' in rendered) return takeFrames(rendered, options);
      return take(still, options, {}, source.key, () => Promise.resolve([rendered]));
    }
    case 'file':
    case 'bytes':
      return loadEncoded(source, options);
  }
}

async function loadEncoded(source: ClipSource, options: VideoOptions): Promise<Video> {
  const { signal } = options;
  const name = nameOf(source);
  if (source.kind === 'file') {
    await access(source.path).catch((error: unknown) => {
      throw new DatasetError(`cannot read the video ${name} (${reasonOf(error)})`, 'check the path', {
        cause: error,
      });
    });
  }
  const picture = await probePicture(source.kind === 'file' ? source.path : source.data);
  if (picture) {
    const clip = picture.duration === 0 ? {} : source; // a still has no clips
    return take(picture, options, clip, name, async (indices) => {
      const pages: Pixels[] = [];
      for (const page of indices) {
        signal?.throwIfAborted();
        pages.push(await loadImage(source, page));
      }
      return pages;
    });
  }
  return onDisk(source, async (path) => {
    const probe = await probeVideo(path, name, signal);
    return take(probe, options, source, name, (indices) => decodeFrames(path, probe, indices, name, signal));
  });
}

const still: Timeline = { times: [0], duration: 0 };

function takeFrames(video: Video, options: VideoOptions): Promise<Video> {
  const { frames, times } = video;
  if (frames.length === 0 || frames.length !== times.length) {
    throw new DatasetError(
      `a video in memory has ${frames.length} frames and ${times.length} times`,
      'give one time for each of at least one frame',
    );
  }
  return take(video, options, {}, 'the video', (indices) =>
    Promise.resolve(indices.map((index) => frames[index]!)),
  );
}

/** Chooses frames, decodes each once (`decode` takes ascending indices) and puts them where they are shown. */
async function take(
  timeline: Timeline,
  options: VideoOptions,
  clip: Clip,
  name: string,
  decode: (indices: readonly number[]) => Promise<readonly Pixels[]>,
): Promise<Video> {
  const shown = sampleFrames(timeline, options, clip, name);
  const indices = [...new Set(shown)].sort((a, b) => a - b);
  const decoded = await decode(indices);
  const frames = new Map(indices.map((index, place) => [index, decoded[place]!]));
  return {
    frames: shown.map((index) => frames.get(index)!),
    times: shown.map((index) => timeline.times[index]!),
    duration: timeline.duration,
  };
}
