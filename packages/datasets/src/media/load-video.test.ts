import { mkdtempSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { counted, hasFfmpeg, makeMedia } from '../../test/ffmpeg.js';
import type { Pixels } from '../sample.js';
import { loadVideo } from './load-video.js';
import type { Video, VideoSource } from './media-source.js';

const root = mkdtempSync(join(tmpdir(), 'ocelli-video-'));
const at = (name: string): string => join(root, name);
const file = (name: string): VideoSource => ({ kind: 'file', path: at(name) });
const first = ({ data }: Pixels): number[] => [...data.subarray(0, 3)];
const reds = ({ frames }: Video): number[] => frames.map((frame) => frame.data[0]!);
const lossless = ['-c:v', 'libx264rgb', '-qp', '0', '-bf', '2'];

describe.skipIf(!hasFfmpeg)('loadVideo of files', () => {
  beforeAll(async () => {
    // 100 frames of 40 ms; frame N is RGB(2N, 7, 200).
    await makeMedia(...counted({ rate: 25, seconds: 4 }, ['2*N', '7', '200']), ...lossless, at('clock.mp4'));
  });

  it('takes the frames that are shown at the middle of equal parts', async () => {
    const video = await loadVideo(file('clock.mp4'), { frames: 4 });
    // Middles are at 0.5, 1.5, 2.5 and 3.5 s; frame 12 is shown from 0.48 s.
    expect(video.frames.map(first)).toEqual([12, 37, 62, 87].map((n) => [2 * n, 7, 200]));
    for (const [i, n] of [12, 37, 62, 87].entries()) expect(video.times[i]).toBeCloseTo(n / 25, 9);
    expect(video.duration).toBeCloseTo(4, 9);
    expect(video.frames[0]).toMatchObject({ width: 32, height: 16, channels: 3 });
  });

  it('takes frames evenly from the first to the last', async () => {
    const load = async (frames: number) =>
      reds(await loadVideo(file('clock.mp4'), { frames, sampling: 'uniform' }));
    expect(await load(100)).toEqual(Array.from({ length: 100 }, (_, n) => 2 * n));
    expect(await load(4)).toEqual([0, 66, 132, 198]);
    expect(await load(1)).toEqual([0]);
  });

  it('draws a moment of each part from a seed', async () => {
    const draw = async (seed: string) =>
      reds(await loadVideo(file('clock.mp4'), { frames: 4, sampling: 'random', seed }));
    const drawn = await draw('a/0');
    for (const [part, red] of drawn.entries()) expect(Math.floor(red / 50)).toBe(part);
    expect(await draw('a/0')).toEqual(drawn);
    expect(await draw('a/1')).not.toEqual(drawn);
    await expect(loadVideo(file('clock.mp4'), { frames: 4, sampling: 'random' })).rejects.toThrow(
      'without a seed',
    );
  });

  it('keeps to a clip, and says when there is none', async () => {
    const clip = (start: number, end?: number): VideoSource => ({
      ...(file('clock.mp4') as { kind: 'file'; path: string }),
      start,
      ...(end === undefined ? {} : { end }),
    });
    const uniform = { sampling: 'uniform' } as const;
    expect(reds(await loadVideo(clip(1, 2), { frames: 2 }))).toEqual([62, 86]); // at 1.25 s and 1.75 s
    expect(reds(await loadVideo(clip(1, 2), { frames: 2, ...uniform }))).toEqual([50, 98]); // 49 is the last before 2 s
    expect(reds(await loadVideo(clip(3.9, 99), { frames: 3, ...uniform }))).toEqual([194, 196, 198]);
    await expect(loadVideo(clip(4), { frames: 1 })).rejects.toThrow(
      'begins at 4 seconds, and it is 4.000 seconds long',
    );
    await expect(loadVideo(clip(2, 1), { frames: 1 })).rejects.toThrow('is from 2 to 1 seconds');
  });

  it('reads a video in memory as it does a file', async () => {
    const data = readFileSync(at('clock.mp4'));
    const before = readdirSync(tmpdir()).filter((name) => name.startsWith('ocelli-media-'));
    expect(reds(await loadVideo({ kind: 'bytes', data }, { frames: 2 }))).toEqual([50, 150]);
    const after = readdirSync(tmpdir()).filter((name) => name.startsWith('ocelli-media-'));
    expect(after.length).toBeLessThanOrEqual(before.length);
  });

  it('goes by timestamps where frames last differently', async () => {
    // One second of 25 frames, then two of 5 frames each.
    await makeMedia(
      ...counted({ rate: 25, seconds: 1 }, ['8*N', '0', '0']),
      ...counted({ rate: 5, seconds: 2 }, ['0', '20*N', '0']),
      ...['-filter_complex', '[0][1]concat=n=2', '-c:v', 'ffv1', at('rates.mkv')],
    );
    const video = await loadVideo(file('rates.mkv'), { frames: 6 });
    // Middles are at 0.25, 0.75, ..., 2.75 s.
    expect(video.frames.map(first)).toEqual([
      [48, 0, 0],
      [144, 0, 0],
      [0, 20, 0],
      [0, 60, 0],
      [0, 120, 0],
      [0, 160, 0],
    ]);
    expect(video.duration).toBeCloseTo(3, 2);
  });

  it('jumps far into a long video, and between frames that are far apart', async () => {
    // Two minutes, a key frame every 25 s only.
    await makeMedia(
      ...counted({ rate: 5, seconds: 120 }, ['mod(N,256)', 'floor(N/256)', '0']),
      ...[...lossless, '-g', '125', '-f', 'mpegts', at('long.ts')],
    );
    const numbers = async (start: number, end: number, frames: number) => {
      const source = { kind: 'file', path: at('long.ts'), start, end } as const;
      return (await loadVideo(source, { frames })).frames.map(
        (frame) => frame.data[0]! + 256 * frame.data[1]!,
      );
    };
    expect(await numbers(100, 102, 2)).toEqual([502, 507]);
    expect(await numbers(0, 120, 4)).toEqual([75, 225, 375, 525]);
  });

  it('reads AVI without timestamps, cut MP4 and transport streams', async () => {
    const source = counted({ rate: 25, seconds: 1, size: '64x64' }, ['10*N', '10*N', '10*N']);
    await makeMedia(...source, '-c:v', 'mpeg4', '-q:v', '1', '-bf', '2', at('b.avi'));
    await makeMedia(...source, '-c:v', 'libx264rgb', '-qp', '0', '-bf', '2', at('b.avi.avi'));
    for (const name of ['b.avi', 'b.avi.avi']) {
      const video = await loadVideo(file(name), { frames: 5 });
      for (const [i, n] of [2, 7, 12, 17, 22].entries())
        expect(Math.abs(reds(video)[i]! - 10 * n)).toBeLessThanOrEqual(3);
    }
    // Copied from 2 s on: the key frame at 0 s and what follows it stay in the file, hidden by an edit list.
    await makeMedia('-ss', '2', '-i', at('clock.mp4'), '-c', 'copy', at('cut.mp4'));
    expect(reds(await loadVideo(file('cut.mp4'), { frames: 2, sampling: 'uniform' }))).toEqual([100, 198]);
  });

  it('turns frames upright', async () => {
    const picture = ['X*0+lt(X,16)*255', '0', 'gte(X,16)*255'] as const; // left red, right blue
    await makeMedia(...counted({ rate: 5, seconds: 1 }, picture), ...lossless, at('lying.mp4'));
    const bytes = readFileSync(at('lying.mp4'));
    // The matrix of the track header as phones write it: x' = -y, y' = x, a quarter turn clockwise (ISO 14496-12, 8.3.2).
    for (const [place, value] of [0, 0x10000, 0, -0x10000, 0, 0, 0, 0, 0x40000000].entries())
      bytes.writeInt32BE(value, bytes.indexOf('tkhd') + 44 + 4 * place);
    writeFileSync(at('turned.mp4'), bytes);
    const { frames } = await loadVideo(file('turned.mp4'), { frames: 1 });
    expect(frames[0]).toMatchObject({ width: 16, height: 32 });
    expect(first(frames[0]!)).toEqual([255, 0, 0]);
    expect([...frames[0]!.data.subarray(-3)]).toEqual([0, 0, 255]);
  });

  it('names what is broken, has no frames or no picture', async () => {
    writeFileSync(
      at('noise.mp4'),
      Uint8Array.from({ length: 5000 }, (_, i) => (i * 2654435761) >>> 24),
    );
    writeFileSync(at('empty.mp4'), '');
    writeFileSync(at('half.mp4'), readFileSync(at('clock.mp4')));
    truncateSync(at('half.mp4'), 2000); // its index stood at the end
    await makeMedia('-f', 'lavfi', '-i', 'sine=d=1', at('sound.mp4'));
    for (const name of ['noise.mp4', 'empty.mp4', 'half.mp4', 'sound.mp4', 'gone.mp4']) {
      const load = loadVideo(file(name), { frames: 2 });
      await expect(load).rejects.toThrow('[dataset]');
      await expect(load).rejects.toThrow(at(name));
    }
    await expect(loadVideo(file('sound.mp4'), { frames: 2 })).rejects.toThrow('has no frames');
    await expect(
      loadVideo({ kind: 'bytes', data: Buffer.from('no video'), name: 'upload 7' }, { frames: 1 }),
    ).rejects.toThrow('upload 7');
    await expect(loadVideo(file('clock.mp4'), { frames: 0 })).rejects.toThrow('frames is 0');
  });
});

describe('loadVideo without ffmpeg', () => {
  const plain = (red: number) =>
    sharp({ create: { width: 6, height: 4, channels: 3, background: { r: red, g: 0, b: 0 } } });

  it.each(['gif', 'webp'] as const)('takes the frames of an animated %s by their times', async (format) => {
    const pages = await Promise.all([250, 150, 50].map((red) => plain(red).png().toBuffer()));
    const animation = sharp(pages, { join: { animated: true } });
    const delay = [100, 600, 300];
    const data = await (format === 'gif'
      ? animation.gif({ delay })
      : animation.webp({ delay, lossless: true })
    ).toBuffer();
    writeFileSync(at(`moving.${format}`), data);
    for (const source of [file(`moving.${format}`), { kind: 'bytes', data } as const]) {
      const video = await loadVideo(source, { frames: 5 });
      // At 0.1, 0.3, ..., 0.9 s; the second frame is shown from 0.1 to 0.7 s.
      expect(reds(video)).toEqual([150, 150, 150, 50, 50]);
      expect(video.frames[0]).toMatchObject({ width: 6, height: 4 });
      expect(video.duration).toBeCloseTo(1, 9);
    }
    const clip = { kind: 'file', path: at(`moving.${format}`), end: 0.1 } as const;
    expect(reds(await loadVideo(clip, { frames: 2 }))).toEqual([250, 250]);
  });

  it('shows a still as often as asked for', async () => {
    await plain(90).jpeg({ quality: 100 }).toFile(at('still.jpg'));
    const video = await loadVideo(file('still.jpg'), { frames: 3, sampling: 'uniform' });
    expect(video.frames).toHaveLength(3);
    expect(video.frames[1]).toBe(video.frames[0]);
    expect(video.duration).toBe(0);
    const pixels = { data: new Uint8Array(3), width: 1, height: 1, channels: 3 } as const;
    expect((await loadVideo({ kind: 'pixels', ...pixels }, { frames: 2 })).frames).toHaveLength(2);
  });

  it('takes frames that are in memory or drawn', async () => {
    const frames = [10, 20, 30].map((red) => ({
      data: Uint8Array.of(red, 0, 0),
      width: 1,
      height: 1,
      channels: 3 as const,
    }));
    const video = { frames, times: [0, 0.1, 0.9], duration: 1 };
    expect(reds(await loadVideo({ kind: 'frames', ...video }, { frames: 2 }))).toEqual([20, 20]);
    const rendered = { kind: 'rendered', key: 'k', render: async () => video } as const;
    expect(reds(await loadVideo(rendered, { frames: 20 }))).toEqual([10, 10, ...Array(16).fill(20), 30, 30]);
    await expect(
      loadVideo({ kind: 'frames', frames, times: [0], duration: 1 }, { frames: 1 }),
    ).rejects.toThrow('3 frames and 1 times');
  });
});
