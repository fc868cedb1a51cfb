import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { device } from '@ocelli/ops';
import { expect, test, vi } from 'vitest';
import { makeTinyBackbones } from '../../test/tiny-backbones.js';
import { locateBackbones } from './locate-backbones.js';
import { openBackbones } from './open-backbones.js';

const root = mkdtempSync(join(tmpdir(), 'ocelli-backbones-'));

test('opens both, with absolute names, and says which folder is not there', async () => {
  const names = await makeTinyBackbones(root);
  const backbones = openBackbones(
    await locateBackbones({ encoder: 'encoder-1', languageModel: 'language-model-1' }, { base: root }),
  );
  expect(backbones.names).toEqual(names);
  expect(backbones.encoder.config.width).toBe(16);
  expect(backbones.tokenizer.idOf('</a>')).toBe(4);
  backbones.dispose();
  const gone = await locateBackbones({ ...names, languageModel: join(root, 'nowhere') });
  expect(() => openBackbones(gone)).toThrow(`there is no folder ${join(root, 'nowhere')}`);
});

test('uses the device that is asked for, or says why there is none before anything is loaded', async () => {
  const names = await makeTinyBackbones(root, 3);
  const located = await locateBackbones(names);
  const before = device.name;
  vi.stubEnv('OCELLI_CUDA', '/nowhere/ocelli-cuda.node');
  const { allocated } = device.memory();
  expect(() => openBackbones(located, { device: 'cuda:1' })).toThrow(
    "[device] cuda:1 cannot be used: Cannot find module '/nowhere/ocelli-cuda.node'",
  );
  vi.unstubAllEnvs();
  expect(device.name).toBe(before);
  expect(device.memory().allocated).toBe(allocated);
  const backbones = openBackbones(located, { device: 'cpu' });
  expect(device.name).toBe('cpu');
  backbones.dispose();
  device.use(before);
});

test('notices a processor whose pictures do not fit the encoder', async () => {
  const names = await makeTinyBackbones(root, 2);
  const path = join(names.encoder, 'preprocessor_config.json');
  const config = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  writeFileSync(path, JSON.stringify({ ...config, size: { height: 32, width: 32 } }));
  const located = await locateBackbones(names);
  expect(() => openBackbones(located)).toThrow('makes image of 32x32, config.json expects image of 16x16');
});
