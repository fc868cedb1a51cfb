import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';

/** Tests that need ffmpeg are skipped without it. */
export const hasFfmpeg = spawnSync('ffmpeg', ['-version']).status === 0;
if (!hasFfmpeg) console.warn('tests of video files are skipped: ffmpeg is not on PATH (apt install ffmpeg)');

/** Writes a second of ffmpeg's moving test picture, with a tone of so many hertz. */
export function makeVideo(path: string, frequency = 440): void {
  const sources = [
    '-f',
    'lavfi',
    '-i',
    'testsrc=d=1:s=32x32:r=10',
    '-f',
    'lavfi',
    '-i',
    `sine=f=${frequency}:d=1`,
  ];
  const { status, stderr } = spawnSync('ffmpeg', [
    '-v',
    'error',
    '-y',
    ...sources,
    '-c:v',
    'mpeg4',
    '-c:a',
    'aac',
    path,
  ]);
  if (status !== 0) throw new Error(String(stderr));
}

/** Writes a second of a tone as a WAV file of 16 bits and one channel. */
export function makeTone(path: string, frequency: number, samplingRate = 22_050): void {
  const data = Buffer.alloc(44 + 2 * samplingRate);
  data.write('RIFF');
  data.writeUInt32LE(data.length - 8, 4);
  data.write('WAVEfmt ', 8);
  data.writeUInt32LE(16, 16);
  data.writeUInt16LE(1, 20); // integers
  data.writeUInt16LE(1, 22); // channels
  data.writeUInt32LE(samplingRate, 24);
  data.writeUInt32LE(2 * samplingRate, 28);
  data.writeUInt16LE(2, 32);
  data.writeUInt16LE(16, 34);
  data.write('data', 36);
  data.writeUInt32LE(2 * samplingRate, 40);
  for (let n = 0; n < samplingRate; n++)
    data.writeInt16LE(
      Math.round(16_000 * Math.sin((2 * Math.PI * frequency * n) / samplingRate)),
      44 + 2 * n,
    );
  writeFileSync(path, data);
}
