// The command line with encoders that hear and see videos.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAdapter, saveAdapter } from '@ocelli/adapters';
import { Random } from '@ocelli/ops';
import { beforeAll, expect, test } from 'vitest';
import { locateBackbones } from '../src/pipelines/locate-backbones.js';
import { openBackbones } from '../src/pipelines/open-backbones.js';
import { hasFfmpeg, makeTone, makeVideo } from './media-files.js';
import { makeOwnPictures } from './own-pictures.js';
import { runCli } from './run-cli.js';
import { makeTinyBackbones } from './tiny-backbones.js';
import { makeTinyEncoder } from './tiny-encoders.js';

const root = mkdtempSync(join(tmpdir(), 'ocelli-media-cli-'));

/** Saves an adapter that was never trained, by the name of what its encoder takes. */
async function saveFor(modality: string, encoder: string, languageModel: string): Promise<void> {
  const backbones = openBackbones(await locateBackbones({ encoder, languageModel }));
  const context = {
    languageModel: backbones.languageModel.config,
    encoder: backbones.encoder.config,
    random: new Random(1),
  };
  const adapter = createAdapter('limber', {}, context);
  await saveAdapter(join(root, modality), adapter, {
    encoder: { name: encoder, fingerprint: backbones.encoder.fingerprint },
    languageModel: { name: languageModel, fingerprint: backbones.languageModel.fingerprint },
  });
  adapter.dispose();
  backbones.dispose();
}

beforeAll(async () => {
  const { encoder, languageModel } = await makeTinyBackbones(root);
  await saveFor('image', encoder, languageModel);
  await saveFor('audio', await makeTinyEncoder(root, 'audio'), languageModel);
  await saveFor('video', await makeTinyEncoder(root, 'video'), languageModel);
  makeTone(join(root, 'tone.wav'), 500);
  makeOwnPictures(join(root, 'pictures'));
  if (hasFfmpeg) makeVideo(join(root, 'film.mp4'));
});

const run = (...args: readonly string[]) => runCli([...args, '--max-new-tokens', '3'], { cwd: root });

test('a recording, a still as video, and what does not fit the encoder', async () => {
  const [caption, still, deaf] = await Promise.all([
    run('caption', 'tone.wav', 'tone.wav', '--adapter', 'audio', '--json'),
    run('answer', 'pictures/red.png', 'what?', '--adapter', 'video'),
    run('caption', 'pictures/red.png', '--adapter', 'audio'),
  ]);
  expect(caption).toMatchObject({ code: 0, stderr: '' });
  const rows = JSON.parse(caption.stdout) as { file: string; caption: string }[];
  expect(rows.map(({ file }) => file)).toEqual(['tone.wav', 'tone.wav']);
  expect(rows[0]!.caption).toBe(rows[1]!.caption);
  expect(still).toMatchObject({ code: 0, stderr: '' });
  expect(deaf.code).toBe(1);
  expect(deaf.stderr).toMatch(/^ocelli: \[encoder\] the encoder takes audio, and there is image; .+\n$/);
}, 120_000);

test('one broken file of many is named, left out by broken: skip, and ends an evaluation without', async () => {
  makeOwnPictures(join(root, 'damaged'));
  writeFileSync(join(root, 'damaged/green.png'), 'no picture');
  const config = ['encoder: x', 'languageModel: x', 'adapter: { method: epalm }', 'output: out'];
  const data = 'data: { train: { format: folder, directory: damaged }, broken: skip }';
  writeFileSync(join(root, 'skip.yaml'), [...config, data].join('\n'));
  const files = ['red', 'green', 'blue'].map((name) => `damaged/${name}.png`);
  const [caption, alone, stop, skip] = await Promise.all([
    run('caption', ...files, '--adapter', 'image', '--json'),
    run('caption', files[1]!, '--adapter', 'image'),
    run('eval', '--adapter', 'image', '--data', 'damaged/captions.jsonl'),
    run('eval', '--adapter', 'image', '--data', 'skip.yaml', '--split', 'train'),
  ]);
  const broken = /^ocelli: \[dataset\] cannot decode the picture damaged\/green\.png, .+\n$/;
  expect(caption.code).toBe(1);
  expect(caption.stderr).toMatch(broken);
  const rows = JSON.parse(caption.stdout) as { file: string }[];
  expect(rows.map(({ file }) => file)).toEqual([files[0], files[2]]);
  expect(alone).toMatchObject({ code: 1, stdout: '' });
  expect(alone.stderr).toMatch(broken);
  expect(stop.code).toBe(1);
  expect(stop.stderr).toContain('damaged/green.png');
  expect(skip.code).toBe(0);
  expect(skip.stderr.match(/note: green\.png is left out: /g)).toHaveLength(1);
  expect(skip.stdout).toMatch(/3 captions .*3 questions /s);
}, 120_000);

test.skipIf(!hasFfmpeg)(
  'a video for an encoder of pictures, of videos, and of sound',
  async () => {
    const runs = await Promise.all(
      ['image', 'video', 'audio'].map((each) => run('caption', 'film.mp4', '--adapter', each)),
    );
    for (const each of runs) {
      expect(each).toMatchObject({ code: 0, stderr: '' });
      expect(each.stdout.split('\n')).toHaveLength(2);
    }
    const encoded = spawnSync('ffmpeg', ['-v', 'error', '-i', 'film.mp4', '-frames:v', '1', 'frame.bmp'], {
      cwd: root,
    });
    expect(encoded.status).toBe(0);
    expect(await run('caption', 'frame.bmp', '--adapter', 'image')).toMatchObject({ code: 0, stderr: '' });
    const silent = await run('caption', 'tone.wav', '--adapter', 'video');
    expect(silent.code).toBe(1);
    expect(silent.stderr).toMatch(/^ocelli: \[dataset\] tone\.wav has no frames; .+\n$/);
  },
  120_000,
);
