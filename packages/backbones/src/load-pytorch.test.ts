import { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { scope } from '@ocelli/ops';
import { afterAll, expect, it } from 'vitest';
import { loadLanguageModel } from './load.js';
import type { LanguageModel } from './model/language-model.js';

const fixtures = fileURLToPath(new URL('../test/fixtures/', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'ocelli-load-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function logits(model: LanguageModel): Promise<Float32Array> {
  const ids = Int32Array.from({ length: 8 }, (_, i) => 3 + ((i * 7) % 20));
  const input = { batch: 1, tokens: ids.length, ids, mask: new Uint8Array(ids.length).fill(1) };
  const values = await scope(() => model.forward({ input }).logits).data();
  model.dispose();
  return values;
}

it.each([
  ['opt-pre-norm', 'one file of the old form'],
  ['opt-post-norm', 'shards'],
])('%s gives the same from PyTorch files (%s) as from safetensors', async (name) => {
  const original = join(fixtures, name);
  for (const file of readdirSync(original).filter((file) => /^config.json$|\.bin/.test(file)))
    copyFileSync(join(original, file), join(folder, file));
  const fromPickle = loadLanguageModel(folder);
  const fromSafetensors = loadLanguageModel(original);
  expect(fromPickle.fingerprint).not.toBe(fromSafetensors.fingerprint);
  expect(await logits(fromPickle)).toEqual(await logits(fromSafetensors));
  for (const file of readdirSync(folder)) rmSync(join(folder, file));
});
