import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { hubSettings } from './hub-settings.js';

it('reads the environment as Python does', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ocelli-hub-home-'));
  try {
    writeFileSync(join(folder, 'token'), 'hf_file\n');
    const environment = { HF_HOME: folder };
    expect(hubSettings({}, environment)).toEqual({
      revision: 'main',
      endpoint: 'https://huggingface.co',
      offline: false,
      cacheDirectory: join(folder, 'hub'),
      token: 'hf_file',
    });
    expect(hubSettings({ token: false }, environment).token).toBeNull();
    expect(hubSettings({}, { ...environment, HF_TOKEN: 'hf_variable' }).token).toBe('hf_variable');
    expect(hubSettings({}, { ...environment, HF_HUB_DISABLE_IMPLICIT_TOKEN: '1' }).token).toBeNull();
    expect(hubSettings({}, { HF_HOME: '/nowhere', HF_TOKEN_PATH: join(folder, 'token') }).token).toBe(
      'hf_file',
    );
    expect(hubSettings({}, { ...environment, HF_ENDPOINT: 'http://mirror/hf/' }).endpoint).toBe(
      'http://mirror/hf',
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
  const cache = (environment: Record<string, string>): string => hubSettings({}, environment).cacheDirectory;
  expect(cache({})).toBe(join(homedir(), '.cache', 'huggingface', 'hub'));
  expect(cache({ XDG_CACHE_HOME: '/x' })).toBe(join('/x', 'huggingface', 'hub'));
  expect(cache({ HF_HOME: '~/h' })).toBe(join(homedir(), 'h', 'hub'));
  expect(cache({ HF_HOME: '/h', HUGGINGFACE_HUB_CACHE: '/b' })).toBe('/b');
  expect(cache({ HUGGINGFACE_HUB_CACHE: '/b', HF_HUB_CACHE: '/a' })).toBe('/a');
  const offline = ['1', 'ON', 'Yes', 'true', '0', '', 'no'].map(
    (value) => hubSettings({}, { HF_HUB_OFFLINE: value }).offline,
  );
  expect(offline).toEqual([true, true, true, true, false, false, false]);
  expect(hubSettings({}, { TRANSFORMERS_OFFLINE: '1' }).offline).toBe(true);
});

it('refuses what cannot be a revision or an endpoint', () => {
  for (const revision of ['', '../x', 'a/../b', 'a b', '/a', 'a//b'])
    expect(() => hubSettings({ revision }, {})).toThrow(/give a branch, a tag or a commit/);
  expect(hubSettings({ revision: 'refs/pr/1' }, {}).revision).toBe('refs/pr/1');
  for (const endpoint of ['huggingface.co', 'file:///x'])
    expect(() => hubSettings({ endpoint }, {})).toThrow(/give an http\(s\) address/);
});
