import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';

/** Tests that need ffmpeg are skipped without it. */
export const hasFfmpeg = spawnSync('ffmpeg', ['-version']).status === 0;
if (!hasFfmpeg) console.warn('tests of video files are skipped: ffmpeg is not on PATH (apt install ffmpeg)');

/** Runs ffmpeg to make a file. */
export async function makeMedia(...args: readonly string[]): Promise<void> {
  await promisify(execFile)('ffmpeg', ['-v', 'error', '-nostdin', '-y', ...args]);
}

/** Arguments for a source whose frame number N is plain RGB(`red`, `green`, `blue`), expressions in N. */
export function counted(
  options: { readonly rate: number; readonly seconds: number; readonly size?: string },
  [red, green, blue]: readonly [string, string, string],
): string[] {
  const { rate, seconds, size = '32x16' } = options;
  const picture = `format=rgb24,geq=r='${red}':g='${green}':b='${blue}'`;
  return ['-f', 'lavfi', '-i', `nullsrc=s=${size}:r=${rate}:d=${seconds},${picture}`];
}
