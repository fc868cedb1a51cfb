import { readFile, stat } from 'node:fs/promises';
import decode from 'audio-decode';
import { DatasetError, reasonOf } from '../dataset-error.js';
import type { ClipSource } from '../sample.js';
import type { AudioSource, Clip, Waveform } from './media-source.js';
import { nameOf, onDisk } from './on-disk.js';
import { programOutput } from './program.js';
import { isSamplingRate, resample } from './resample.js';
import { clipBounds } from './sample-times.js';

/** How sound is loaded. */
export interface AudioOptions {
  /** Samples per second of the result. Default: those of the source. */
  readonly samplingRate?: number;
  /** Longer sound is cut off here. Default: none is. */
  readonly maxSeconds?: number;
  readonly signal?: AbortSignal;
}

/** Bytes of an encoded file that is decoded in one piece; of a longer one, ffmpeg reads what is asked for. */
const largest = 64 * 2 ** 20;

/**
 * The sound of a source as one channel: the mean of all channels, at the rate asked for (see `resample`). WAV, FLAC, MP3,
 * Ogg (Vorbis, Opus), M4A, AAC, WebM and the sound of MP4 need nothing else; what `audio-decode` does not know, and files
 * above 64 MiB, are decoded by `ffmpeg`, which has to be on PATH for these.
 *
 * @throws {DatasetError} naming the file that is missing, broken or without sound, or how to install ffmpeg.
 */
export async function loadAudio(source: AudioSource, options: AudioOptions = {}): Promise<Waveform> {
  const { samplingRate, maxSeconds = Infinity, signal } = options;
  signal?.throwIfAborted();
  const { waveform, name } = await read(source, maxSeconds, signal);
  const fault = faultOf(waveform);
  if (fault !== null) throw new DatasetError(`${name} ${fault}`, 'replace it or take it out of the data set');
  return samplingRate === undefined ? waveform : resample(waveform, samplingRate);
}

/** Why sound is of no use, or null. */
function faultOf({ samples, samplingRate }: Waveform): string | null {
  if (samples.length === 0) return 'has no sound';
  if (!isSamplingRate(samplingRate)) return `has ${samplingRate} samples per second`;
  const broken = samples.findIndex((sample) => !Number.isFinite(sample));
  return broken < 0 ? null : `has ${samples[broken]} as its sample ${broken}`;
}

async function read(
  source: AudioSource,
  maxSeconds: number,
  signal: AbortSignal | undefined,
): Promise<{ waveform: Waveform; name: string }> {
  const of = (waveform: Waveform, name: string) => ({
    waveform: cut(waveform, { end: maxSeconds }, name),
    name,
  });
  switch (source.kind) {
    case 'waveform':
      return of({ samples: source.samples, samplingRate: source.samplingRate }, 'the sound in memory');
    case 'rendered':
      return of(await source.render(), source.key);
    case 'file':
    case 'bytes':
      return { waveform: await decodeClip(source, maxSeconds, signal), name: nameOf(source) };
  }
}

/** The clip of an encoded source in its own rate, as one channel. */
async function decodeClip(
  source: ClipSource,
  maxSeconds: number,
  signal: AbortSignal | undefined,
): Promise<Waveform> {
  const name = nameOf(source);
  const { start = 0, end = Infinity } = source;
  const clip = { start, end: Math.min(end, start + maxSeconds) };
  const bytes = source.kind === 'bytes' ? source.data : await readSmall(source.path);
  let described = name;
  if (bytes && bytes.length <= largest) {
    const decoded = await decodeWhole(bytes);
    if (!(decoded instanceof Error)) return cut(decoded, clip, name);
    described = `${name} (${reasonOf(decoded)})`;
    signal?.throwIfAborted();
  }
  clipBounds(clip, Infinity, name);
  const wav = await onDisk(source, (path) => convert(path, clip, described, signal));
  const converted = await decodeWhole(wav);
  if (!(converted instanceof Error)) return converted;
  throw new DatasetError(
    `${name} has no sound from ${start} seconds on`,
    'correct the clip, or take the sample out',
    { cause: converted },
  );
}

/** The bytes of a file, or null if it is too long for one piece. */
async function readSmall(path: string): Promise<Uint8Array | null> {
  try {
    return (await stat(path)).size > largest ? null : await readFile(path);
  } catch (error) {
    throw new DatasetError(`cannot read the recording ${path} (${reasonOf(error)})`, 'check the path', {
      cause: error,
    });
  }
}

/** One channel of encoded sound, or why there is none. */
async function decodeWhole(bytes: Uint8Array): Promise<Waveform | Error> {
  try {
    const { channelData, sampleRate } = await decode(bytes);
    if (!channelData[0]?.length) return new Error('no samples');
    return { samples: mean(channelData), samplingRate: sampleRate };
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** A clip as a WAV file of 32-bit floats, in all its channels. */
async function convert(
  path: string,
  { start, end }: Required<Clip>,
  name: string,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const length = Number.isFinite(end) ? ['-t', String(end - start)] : [];
  const args = [
    ...['-v', 'error', '-nostdin', '-ss', String(start), ...length, '-i', `file:${path}`, '-map', '0:a:0'],
    ...['-c:a', 'pcm_f32le', '-f', 'wav', 'pipe:1'],
  ];
  const chunks: Buffer[] = [];
  for await (const chunk of programOutput({ program: 'ffmpeg', args, name, signal })) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The mean of all channels: it does not ask in which order a format stores them. */
function mean(channels: readonly Float32Array[]): Float32Array {
  const [first, ...others] = channels as [Float32Array, ...Float32Array[]];
  if (others.length === 0) return first;
  const result = new Float32Array(first.length);
  for (let i = 0; i < result.length; i++) {
    let sum = first[i]!;
    for (const channel of others) sum += channel[i]!;
    result[i] = sum / channels.length;
  }
  return result;
}

function cut({ samples, samplingRate }: Waveform, clip: Clip, name: string): Waveform {
  const [start, end] = clipBounds(clip, samples.length / samplingRate, name);
  const part = samples.subarray(Math.round(start * samplingRate), Math.round(end * samplingRate));
  return { samples: part, samplingRate };
}
