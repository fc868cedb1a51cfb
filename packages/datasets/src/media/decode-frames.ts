import { DatasetError } from '../dataset-error.js';
import type { Pixels } from '../sample.js';
import type { VideoProbe } from './probe-video.js';
import { programOutput } from './program.js';

/** Seconds that are decoded rather than jumped over. */
const jump = 20;
/** Seconds before a key frame to which ffmpeg is sent, so that it does not land behind it. */
const margin = 0.5;

/**
 * Decodes some frames of a video file, turned upright as the file says. What lies between frames that are far apart is
 * skipped.
 *
 * @param indices ascending, each once.
 */
export async function decodeFrames(
  path: string,
  probe: VideoProbe,
  indices: readonly number[],
  name: string,
  signal?: AbortSignal,
): Promise<Pixels[]> {
  const { times, selector } = probe;
  const runs: number[][] = [];
  for (const index of indices) {
    const run = runs.at(-1);
    const isFar = run && times[index]! - times[run.at(-1)!]! > jump;
    // Without timestamps frames are counted from the beginning.
    if (!run || (isFar && selector === 'pts')) runs.push([index]);
    else run.push(index);
  }
  const frames: Pixels[] = [];
  for (const run of runs) {
    const decode = (seek: readonly string[]) =>
      readPpm(programOutput({ program: 'ffmpeg', args: argumentsFor(path, probe, run, seek), name, signal }));
    const seek = seekTo(probe, run[0]!);
    let decoded = await decode(seek);
    // Some formats have no index to jump by, and what follows is no key frame.
    if (decoded.length < run.length && seek.length > 0) decoded = await decode([]);
    if (decoded.length < run.length) {
      throw new DatasetError(
        `of ${run.length} frames of ${name} ffmpeg can decode ${decoded.length}`,
        'replace the file or take it out of the data set',
      );
    }
    frames.push(...decoded);
  }
  return frames;
}

/** Options that let ffmpeg begin before a frame, at a key frame. */
function seekTo({ selector, times, isKey, begin }: VideoProbe, index: number): string[] {
  const time = times[index]!;
  if (selector === 'n' || time <= jump) return [];
  const key = times[isKey.lastIndexOf(true, index)] ?? 0;
  return ['-noaccurate_seek', '-seek_timestamp', '1', '-ss', String(begin + key - margin)];
}

function argumentsFor(
  path: string,
  { selector, keys }: VideoProbe,
  indices: readonly number[],
  seek: readonly string[],
): string[] {
  const wanted = indices.map((index) => `eq(${selector},${keys[index]})`).join('+');
  return [
    ...['-v', 'error', '-nostdin', '-copyts', ...seek, '-i', `file:${path}`, '-map', '0:V:0'],
    // Equal steps at a constant rate: no version of ffmpeg repeats or drops a frame of these.
    ...['-vf', `select='${wanted}',settb=1/25,setpts=N`, '-r', '25', '-frames:v', String(indices.length)],
    ...['-f', 'image2pipe', '-c:v', 'ppm', 'pipe:1'],
  ];
}

/** Pictures in the PPM format one after the other: `P6`, width, height and 255 as text, then RGB. */
async function readPpm(chunks: AsyncIterable<Buffer>): Promise<Pixels[]> {
  const frames: Pixels[] = [];
  let head = Buffer.alloc(0);
  let frame: { data: Uint8Array; width: number; height: number; filled: number } | null = null;
  for await (let chunk of chunks) {
    while (chunk.length > 0) {
      if (!frame) {
        const joined = Buffer.concat([head, chunk]);
        const [text, width, height] = /^P6\s(\d+)\s(\d+)\s255\s/.exec(joined.toString('latin1', 0, 64)) ?? [];
        head = joined;
        if (text === undefined) break;
        const size = Number(width) * Number(height) * 3;
        frame = { data: new Uint8Array(size), width: Number(width), height: Number(height), filled: 0 };
        chunk = joined.subarray(text.length);
        head = Buffer.alloc(0);
      }
      const part = chunk.subarray(0, frame.data.length - frame.filled);
      frame.data.set(part, frame.filled);
      frame.filled += part.length;
      chunk = chunk.subarray(part.length);
      if (frame.filled < frame.data.length) continue;
      const { data, width, height } = frame;
      frames.push({ data, width, height, channels: 3 });
      frame = null;
    }
  }
  return frames;
}
