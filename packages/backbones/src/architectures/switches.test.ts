// The fixtures of decoders would show a switch of config.json that is read wrongly: turned, it fails them.
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { verifyBackbone } from '../verify.js';

const fixtures = fileURLToPath(new URL('../../test/fixtures', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'ocelli-switches-'));
afterAll(() => rmSync(folder, { recursive: true }));

const plain = { rope_type: 'default', rope_theta: 100 };
const yarn = { rope_type: 'yarn', rope_theta: 100, factor: 4, original_max_position_embeddings: 16 };

it.each<[string, Record<string, unknown>]>([
  ['gpt2', { activation_function: 'gelu' }],
  ['gpt2-scaled-by-layer', { activation_function: 'gelu' }],
  ['gpt2-scaled-by-layer', { layer_norm_epsilon: 1e-5 }],
  ['gpt2-scaled-by-layer', { scale_attn_by_inverse_layer_idx: false }],
  ['gpt2-unscaled', { scale_attn_weights: true }],
  ['gpt2-unscaled', { tie_word_embeddings: true }],
  ['llama-2-linear', { rms_norm_eps: 1e-6 }],
  ['llama-2-linear', { rope_scaling: null }],
  ['llama-2-linear', { rope_theta: 10_000 }],
  ['llama-3', { rope_parameters: plain }],
  ['llama-dynamic', { rope_parameters: plain }],
  ['llama-wide-heads', { hidden_act: 'gelu_new' }],
  ['llama-wide-heads', { rope_parameters: plain }],
  ['llama-wide-heads', { rope_parameters: { ...yarn, factor: 8 } }],
  ['llama-wide-heads', { rope_parameters: { ...yarn, attention_factor: 1 } }],
])('%s with %j is another model', async (name, change) => {
  const copy = mkdtempSync(join(folder, 'copy-'));
  cpSync(join(fixtures, name), copy, { recursive: true });
  const path = join(copy, 'config.json');
  const config = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  writeFileSync(path, JSON.stringify({ ...config, ...change }));
  const fixture = readdirSync(copy).find((file) => /^fixture.*\.safetensors$/.test(file))!;
  const wrong = (await verifyBackbone(copy, join(copy, fixture))).filter(({ ok }) => !ok);
  expect(wrong.map((row) => row.name)).toContain('logits');
});
