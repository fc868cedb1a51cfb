import { DatasetError } from '../dataset-error.js';
import type { Pixels } from '../sample.js';
import type { VideoProbe } from './probe-video.js';
import { programOutput } from './program.js';

/** Seconds between two wanted frames from which on it is cheaper to jump than to decode what lies between. */
const jump = 20;

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
  const runs: number[][] = [];
  for (const index of indices) {
    const run = runs.at(-1);
    const far = run && probe.times[index]! - probe.times[run.at(-1)!]! > jump;
    // Without timestamps frames are counted from the beginning.
    if (!run || (far && probe.selector === 'pts')) runs.push([index]);
    else run.push(index);
  }
  const frames: Pixels[] = [];
  for (const run of runs) {
    const decoded = await decodeRun(path, probe, run, name, signal);
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

async function decodeRun(
  path: string,
  { selector, keys, times, begin }: VideoProbe,
  indices: readonly number[],
  name: string,
  signal: AbortSignal | undefined,
): Promise<Pixels[]> {
  const time = times[indices[0]!]!;
  const seek =
    selector === 'pts' && time > jump
      ? ['-noaccurate_seek', '-seek_timestamp', '1', '-ss', String(begin + time - 1)]
      : [];
  const wanted = indices.map((index) => `eq(${selector},${keys[index]})`).join('+');
  const args = [
    ...['-v', 'error', '-nostdin', '-copyts', ...seek, '-i', `file:${path}`, '-map', '0:V:0'],
    // Equal steps at a constant rate: no version of ffmpeg repeats or drops a frame of these.
    ...['-vf', `select='${wanted}',settb=1/25,setpts=N`, '-r', '25', '-frames:v', String(indices.length)],
    ...['-f', 'image2pipe', '-c:v', 'ppm', 'pipe:1'],
  ];
  return await readPpm(programOutput({ program: 'ffmpeg', args, name, signal }));
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
