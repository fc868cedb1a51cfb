import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { hasFfmpeg, makeVideo } from '../../../test/media-files.js';
import { exampleVideo } from '../../report/example-media.js';
import { mediaToShow } from './media-to-show.js';

const [still] = exampleVideo().frames;
const image = { kind: 'pixels', ...still! } as const;
const video = { kind: 'frames', ...exampleVideo() } as const;
const sound = (seconds: number) =>
  ({ kind: 'waveform', samples: new Float32Array(8000 * seconds), samplingRate: 8000 }) as const;

it('shows what the encoder takes', async () => {
  expect(await mediaToShow({ image, video }, 'image')).toMatchObject({ kind: 'picture' });
  expect(await mediaToShow({ image, video }, 'video')).toMatchObject({
    kind: 'video',
    frames: 12,
    seconds: 2,
  });
  expect(await mediaToShow({ image }, 'video')).toEqual(await mediaToShow({ image }, 'image'));
  expect(await mediaToShow({ video }, 'image')).toMatchObject({ kind: 'video' });
  expect(await mediaToShow({ video, audio: sound(2) }, 'audio')).toMatchObject({ seconds: 2, isCut: false });
  expect(await mediaToShow({ audio: sound(12) }, 'audio')).toMatchObject({ seconds: 10, isCut: true });
  await expect(mediaToShow({}, 'image')).rejects.toThrow('[report] there is no picture, video or sound');
});

it.skipIf(!hasFfmpeg)('shows the part of a file that a sample is, or its sound', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'ocelli-shown-')), 'film.mp4');
  makeVideo(path);
  const clip = { kind: 'file', path, start: 0.2, end: 0.8 } as const;
  const shown = await mediaToShow({ video: clip }, 'video');
  if (shown.kind !== 'video') throw new Error('no video');
  expect(shown.seconds).toBeCloseTo(0.6, 6);
  expect(await mediaToShow({ video: clip }, 'audio')).toMatchObject({ kind: 'sound', isCut: false });
});
