import { DatasetError } from '../dataset-error.js';
import { programOutput } from './program.js';
import type { Timeline } from './sample-times.js';

/** The frames of a video file as ffmpeg counts them. */
export interface VideoProbe extends Timeline {
  /** How ffmpeg's `select` names a frame: by its timestamp, or by its number in a file that has none (AVI). */
  readonly selector: 'pts' | 'n';
  /** Of each frame, what `selector` says. */
  readonly keys: readonly number[];
  /** Whether decoding can begin at a frame. */
  readonly isKey: readonly boolean[];
  /** Seconds from the beginning of the file's clock to the first frame. */
  readonly begin: number;
}

/** A packet of a video stream holds one frame; times are in units of the stream's time base. */
interface Packet {
  readonly time: number;
  readonly duration: number;
  readonly isKey: boolean;
}

/**
 * When each frame of a video file appears, from the packets of its first video stream; nothing is decoded. Frames that an
 * edit list hides do not count.
 *
 * @throws {DatasetError} for a file that is broken or has no frames.
 */
export async function probeVideo(path: string, name: string, signal?: AbortSignal): Promise<VideoProbe> {
  const shown: (Omit<Packet, 'time'> & { pts: number; dts: number })[] = [];
  let timeBase = Number.NaN;
  const entries = 'packet=pts,dts,duration,flags:stream=time_base';
  const args = [
    '-v',
    'error',
    '-select_streams',
    'V:0',
    '-show_entries',
    entries,
    '-of',
    'compact',
    `file:${path}`,
  ];
  for await (const line of lines(programOutput({ program: 'ffprobe', args, name, signal }))) {
    const [kind, ...fields] = line.split('|');
    const found = new Map(fields.map((field) => field.split('=') as [string, string]));
    const numberOf = (key: string): number => Number.parseInt(found.get(key) ?? '', 10);
    if (kind === 'stream') {
      const [numerator, denominator] = (found.get('time_base') ?? '').split('/');
      timeBase = Number(numerator) / Number(denominator);
    } else if (kind === 'packet') {
      const flags = found.get('flags') ?? '';
      if (flags.includes('D')) continue; // discarded
      const isKey = flags.includes('K');
      shown.push({ pts: numberOf('pts'), dts: numberOf('dts'), duration: numberOf('duration'), isKey });
    }
  }
  const selector = shown.some(({ pts }) => Number.isNaN(pts)) ? 'n' : 'pts';
  const packets = shown
    .map(({ pts, dts, ...packet }): Packet => ({ ...packet, time: selector === 'pts' ? pts : dts }))
    .filter(({ time }) => Number.isFinite(time))
    .sort((a, b) => a.time - b.time);
  const [first] = packets;
  if (!first || !(timeBase > 0)) {
    throw new DatasetError(`${name} has no frames`, 'replace the file or take it out of the data set');
  }
  const times = packets.map(({ time }) => (time - first.time) * timeBase);
  return {
    selector,
    keys: selector === 'pts' ? packets.map(({ time }) => time) : [...packets.keys()],
    times,
    duration: times.at(-1)! + lengthOfLast(packets) * timeBase,
    isKey: packets.map(({ isKey }) => isKey),
    begin: first.time * timeBase,
  };
}

/** As the file says, or as long as the frame before it. */
function lengthOfLast(packets: readonly Packet[]): number {
  const last = packets.at(-1)!;
  const before = packets.at(-2);
  return last.duration > 0 ? last.duration : before ? last.time - before.time : 0;
}

async function* lines(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of chunks) {
    const found = (rest + chunk.toString('latin1')).split(/\r?\n/);
    rest = found.pop()!;
    yield* found;
  }
  if (rest !== '') yield rest;
}
