// Programs that stand in for ffmpeg and ffprobe prove what a real one does not do on demand.
import { chmodSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { loadAudio } from './load-audio.js';
import { loadVideo } from './load-video.js';

/** A folder as PATH with programs of these contents, in JavaScript. */
function standIns(programs: { readonly ffmpeg?: string; readonly ffprobe?: string }): string {
  const directory = mkdtempSync(join(tmpdir(), 'ocelli-stand-in-'));
  for (const [name, code] of Object.entries(programs)) {
    writeFileSync(join(directory, name), `#!${process.execPath}\n${code}`);
    chmodSync(join(directory, name), 0o755);
  }
  vi.stubEnv('PATH', directory);
  writeFileSync(join(directory, 'video.mp4'), 'not a picture');
  return directory;
}
afterEach(() => vi.unstubAllEnvs());

const packets = [0, 1, 2, 3].map((n) => `packet|pts=${n}|dts=${n}|duration=1|flags=K_`).join('\\n');
const ffprobe = `console.log('${packets}\\nstream|time_base=1/4')`;
const load = (directory: string, signal?: AbortSignal) =>
  loadVideo(
    { kind: 'file', path: join(directory, 'video.mp4') },
    { frames: 4, ...(signal ? { signal } : {}) },
  );

it('says how to install ffmpeg where it is missing', async () => {
  const directory = standIns({});
  await expect(load(directory)).rejects.toThrow(
    `[dataset] ffprobe is not on PATH, which ${join(directory, 'video.mp4')} needs; install ffmpeg: \`apt install ffmpeg\``,
  );
  await expect(loadAudio({ kind: 'file', path: join(directory, 'video.mp4') })).rejects.toThrow(
    'brew install ffmpeg',
  );
});

it('gives the words of a program that fails', async () => {
  const directory = standIns({
    ffprobe,
    ffmpeg: `console.error('[h264 @ 0x55] bad day\\nmore'); process.exit(3)`,
  });
  await expect(load(directory)).rejects.toThrow(
    `ffmpeg cannot read ${join(directory, 'video.mp4')} (bad day)`,
  );
});

it('says when fewer frames can be decoded than the file lists', async () => {
  const two = `process.stdout.write(Buffer.concat([0, 9].map((x) => Buffer.concat([Buffer.from('P6\\n2 1\\n255\\n'), Buffer.alloc(6, x)]))))`;
  await expect(load(standIns({ ffprobe, ffmpeg: two }))).rejects.toThrow('ffmpeg can decode 2');
});

it('reads pictures however the pipe cuts them', async () => {
  // Four pictures, one byte at a time; levels that look like the header's spaces follow it.
  const code = `
    const bytes = Buffer.concat([10, 32, 80, 54].map((x) => Buffer.concat([Buffer.from('P6\\n2 1\\n255\\n'), Buffer.alloc(6, x)])));
    let at = 0;
    const next = () => { if (at < bytes.length) { process.stdout.write(bytes.subarray(at, ++at)); setImmediate(next); } };
    next();`;
  const video = await load(standIns({ ffprobe, ffmpeg: code }));
  expect(video.frames.map(({ data }) => [...data])).toEqual([10, 32, 80, 54].map((x) => Array(6).fill(x)));
});

it('kills the program when it is told to stop', async () => {
  const directory = standIns({
    ffprobe,
    ffmpeg: `require('node:fs').writeFileSync(__dirname + '/pid', String(process.pid)); setInterval(() => process.stdout.write('P'), 50)`,
  });
  const controller = new AbortController();
  const stopped = load(directory, controller.signal);
  const pidFile = join(directory, 'pid');
  await vi.waitFor(
    () => expect(existsSync(pidFile) && readFileSync(pidFile, 'utf8')).toMatch(/^\d+$/),
    10_000,
  );
  controller.abort(new Error('enough'));
  await expect(stopped).rejects.toThrow('enough');
  expect(() => process.kill(Number(readFileSync(pidFile, 'utf8')), 0)).toThrow('ESRCH');
  await expect(load(directory, controller.signal)).rejects.toThrow('enough');
});
