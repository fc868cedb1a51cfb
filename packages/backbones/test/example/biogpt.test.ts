// The worked example of docs/add-an-architecture.md: it computes what transformers computes, and the page shows it as it is.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { generate, loadLanguageModel, registerArchitecture, verifyBackbone } from '@ocelli/backbones';
import { expect, it } from 'vitest';
import './biogpt.js';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
const folder = fileURLToPath(new URL('biogpt', import.meta.url));

it('computes what transformers computes', async () => {
  const rows = await verifyBackbone(folder, `${folder}/fixture-left-padded.safetensors`);
  expect(rows.filter(({ ok }) => !ok)).toEqual([]);
  expect(rows.map(({ name }) => name)).toContain('grad.inputs_embeds');
});

it('decodes with a cache as without', async () => {
  const model = loadLanguageModel(folder);
  const options = { prompts: [[2, 59, 58], [2]], maxNewTokens: 8 };
  const cached = await generate(model, options);
  const anew = await generate(model, { ...options, cached: false });
  expect(anew.map(({ ids }) => ids)).toEqual(cached.map(({ ids }) => ids));
  model.dispose();
});

it('is registered once', () => {
  const again = () => registerArchitecture('biogpt', () => ({ kind: 'languageModel', model: null! }));
  expect(again).toThrow('[load] there is an architecture for model_type "biogpt" already');
});

it.each(['biogpt.ts', 'biogpt-config.ts'])('stands in the docs as it is: %s', (file) => {
  const page = read('../../../../docs/add-an-architecture.md');
  const blocks = [...page.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code);
  expect(blocks).toContain(read(file));
});
