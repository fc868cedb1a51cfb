import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { makeTinyBackbones } from '../../test/tiny-backbones.js';
import { absoluteName, locateBackbones } from './locate-backbones.js';
import { openBackbones } from './open-backbones.js';

const root = mkdtempSync(join(tmpdir(), 'ocelli-locate-'));
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true });
});

test('finds backbones by hub id and remembers them so', async () => {
  const folders = await makeTinyBackbones(root);
  const commit = 'ab'.repeat(20);
  const names = { encoder: 'someone/encoder', languageModel: 'someone/language-model' };
  for (const kind of ['encoder', 'languageModel'] as const) {
    const repository = join(root, 'cache', `models--${names[kind].replace('/', '--')}`);
    cpSync(folders[kind], join(repository, 'snapshots', commit), { recursive: true });
    mkdirSync(join(repository, 'refs'));
    writeFileSync(join(repository, 'refs', 'main'), commit);
  }
  vi.stubEnv('HF_HUB_CACHE', join(root, 'cache'));
  vi.stubEnv('HF_HUB_OFFLINE', '1');
  const located = await locateBackbones(names, { base: root });
  expect(located.names).toEqual(names);
  expect(located.directories.encoder).toBe(
    join(root, 'cache', 'models--someone--encoder', 'snapshots', commit),
  );
  const backbones = openBackbones(located);
  expect(backbones.names).toEqual(names);
  backbones.dispose();
  // A folder of that name comes first.
  cpSync(folders.encoder, join(root, 'someone', 'encoder'), { recursive: true });
  const local = await locateBackbones(names, { base: root });
  expect(local.names).toEqual({ ...names, encoder: join(root, 'someone', 'encoder') });
  await expect(locateBackbones({ ...names, encoder: 'someone/else' }, { base: root })).rejects.toThrow(
    /there is no folder .*someone\/else, and someone\/else .* is not in the cache while offline/,
  );
  expect(['tiny', './x', 'a/b'].map((name) => absoluteName(name, root))).toEqual([
    'tiny',
    join(root, 'x'),
    'a/b',
  ]);
});
