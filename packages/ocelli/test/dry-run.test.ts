import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeOwnPictures } from './own-pictures.js';
import { runCli } from './run-cli.js';
import { makeTinyBackbones } from './tiny-backbones.js';

const root = mkdtempSync(join(tmpdir(), 'ocelli-dry-run-test-'));
const patience = 120_000;

beforeAll(async () => {
  const { encoder, languageModel } = await makeTinyBackbones(root);
  makeOwnPictures(join(root, 'pictures'));
  writeFileSync(
    join(root, 'own.yaml'),
    [
      `encoder: ${encoder}`,
      `languageModel: ${languageModel}`,
      'adapter: { method: epalm, features: 1, startLayer: 1, endLayer: 3 }',
      'data: { train: { format: folder, directory: pictures } }',
      'training: { epochs: 5, batchSize: 3 }',
      'output: out',
    ].join('\n'),
  );
});
afterAll(() => rmSync(root, { recursive: true }));

const dryRun = (settings?: string) =>
  runCli(['train', 'own.yaml', '--dry-run', ...(settings ? ['--set', settings] : [])], { cwd: root });

test(
  'a dry run tries everything and leaves nothing',
  async () => {
    const { code, stdout, stderr } = await dryRun();
    expect(stderr).not.toContain('ocelli:');
    expect(code).toBe(0);
    expect(stdout).toContain('data.train  4 samples, 8 captions and questions');
    expect(stdout).toContain('15 steps of 3, 3 an epoch');
    expect(stdout).toMatch(/two steps: loss \d+\.\d+, \d+\.\d+\n/);
    expect(stdout).toContain('CIDEr');
    expect(stdout).toContain('Everything is here.');
    expect(existsSync(join(root, 'out'))).toBe(false);
  },
  patience,
);

test(
  'a dry run says what the training would fail of',
  async () => {
    for (const [settings, message] of [
      ['adapter.endLayer=9', 'endLayer'],
      ['data.train.directory=nowhere', 'nowhere'],
      ['encoder=some/where', 'some/where is not on this machine'],
    ] as const) {
      const { code, stderr } = await dryRun(settings);
      expect(code).toBe(1);
      expect(stderr).toContain(message);
      expect(stderr).not.toContain('    at ');
    }
    const { code, stderr } = await runCli(['train', 'own.yaml', '--dry-run', '--resume'], { cwd: root });
    expect(code).toBe(1);
    expect(stderr).toContain('--dry-run leaves nothing to --resume');
  },
  patience,
);
