import { copyFileSync, mkdtempSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AdamW, backward, device, dryRun, embedding, scope, tensor } from '@ocelli/ops';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { loadEncoder, loadLanguageModel } from '../load.js';
import type { LanguageModel } from './language-model.js';

const fixtures = fileURLToPath(new URL('../../test/fixtures/', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'ocelli-share-'));
afterAll(() => rmSync(folder, { recursive: true }));
for (const name of ['config.json', 'model.safetensors'])
  copyFileSync(join(fixtures, 'opt-pre-norm', name), join(folder, name));

const ids = Int32Array.from({ length: 8 }, (_, i) => 3 + ((i * 7) % 20));
const input = { batch: 1, tokens: ids.length, ids, mask: new Uint8Array(ids.length).fill(1) };
const logits = (model: LanguageModel): Promise<Float32Array> =>
  scope(() => model.forward({ input }).logits).data();

/** Bytes of the device that `body` leaves in use. */
function taken(body: () => void): number {
  const before = device.memory().allocated;
  body();
  return device.memory().allocated - before;
}

describe('models of the same files', () => {
  let first: LanguageModel;
  let bytes: number;
  beforeEach(() => {
    bytes = taken(() => {
      first = loadLanguageModel(folder);
    });
    return () => first.dispose();
  });

  it('are in memory once, until the last is disposed', async () => {
    const expected = await logits(first);
    let second!: LanguageModel;
    expect(taken(() => (second = loadLanguageModel(folder)))).toBe(0);
    expect(taken(() => first.dispose())).toBe(0);
    expect(await logits(second)).toEqual(expected);
    expect(taken(() => second.dispose())).toBe(-bytes);
    first = loadLanguageModel(folder);
  });

  it('share the tensors of one form only', () => {
    let narrow!: LanguageModel;
    const narrowBytes = taken(() => (narrow = loadLanguageModel(folder, { dtype: 'bfloat16' })));
    expect(narrowBytes).toBeGreaterThan(0);
    expect(narrowBytes).toBeLessThan(0.7 * bytes);
    narrow.dispose();
  });

  it('do not share with a file that has changed', () => {
    const later = new Date(Date.now() + 5000);
    utimesSync(join(folder, 'model.safetensors'), later, later);
    let second!: LanguageModel;
    // A cached block that is taken again may be somewhat larger.
    expect(taken(() => (second = loadLanguageModel(folder)))).toBeGreaterThan(0.9 * bytes);
    second.dispose();
  });

  it('do not notice when the other one trains', async () => {
    const expected = await logits(first);
    const second = loadLanguageModel(folder);
    const names = [
      'model.decoder.embed_tokens.weight', // packed
      'model.decoder.layers.0.fc1.weight',
      'model.decoder.layers.0.fc1.bias', // plain
      'model.decoder.final_layer_norm.weight',
    ];
    const unfrozen = second.unfreeze(names);
    // Its sums have another order.
    const before = await logits(second);
    for (const [i, value] of expected.entries()) expect(before[i]).toBeCloseTo(value, 4);
    const targets = tensor(Int32Array.from(ids));
    scope(() => backward(second.loss({ input }, targets)));
    new AdamW([{ parameters: [...unfrozen.values()], learningRate: 0.1 }]).step();
    expect(await logits(second)).not.toEqual(before);
    expect(await logits(first)).toEqual(expected);
    const third = loadLanguageModel(folder);
    expect(await logits(third)).toEqual(expected);
    for (const model of [second, third]) model.dispose();
    expect(await logits(first)).toEqual(expected);
  });

  it('share nothing with what was loaded before a failure of the device', async () => {
    embedding(tensor([1], [1, 1]), tensor(Int32Array.of(7)));
    const broken = loadLanguageModel(folder, { dtype: 'int8' });
    await expect(logits(broken)).rejects.toThrow(/id 7/);
    const sound = loadLanguageModel(folder, { dtype: 'int8' });
    const values = await logits(sound);
    broken.dispose();
    expect(await logits(sound)).toEqual(values);
    expect(Math.max(...values.map(Math.abs))).toBeGreaterThan(0.1);
    sound.dispose();
  });

  it('are not made of those of a dry run', async () => {
    const expected = await logits(first);
    first.dispose();
    const planned = dryRun(() => loadLanguageModel(folder));
    first = loadLanguageModel(folder);
    expect(await logits(first)).toEqual(expected);
    dryRun(() => planned.dispose());
  });
});

it('shares the parts of a fused tensor, each by itself', async () => {
  const directory = join(fixtures, 'vit-augreg');
  const first = loadEncoder(directory);
  const { inputShape } = first.config;
  const size = inputShape.reduce((product, extent) => product * extent, 1);
  const pixels = tensor(
    Float32Array.from({ length: size }, (_, i) => Math.sin(i)),
    [1, ...inputShape],
  );
  const expected = await scope(() => first.forward(pixels).lastHiddenState).data();
  const second = loadEncoder(directory);
  second.unfreeze(['encoder.layer.0.attention.attention.key.bias']);
  expect(await scope(() => second.forward(pixels).lastHiddenState).data()).toEqual(expected);
  first.dispose();
  expect(await scope(() => second.forward(pixels).lastHiddenState).data()).toEqual(expected);
  second.dispose();
});
