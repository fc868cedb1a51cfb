import { fileURLToPath } from 'node:url';
import { AdamW, backward, readSafetensors, scope, tensor } from '@ocelli/ops';
import { expect, it } from 'vitest';
import { loadLanguageModel } from '../load.js';

const folder = fileURLToPath(new URL('../../test/fixtures/gpt2', import.meta.url));
const block = 'transformer.h.1';
const width = 24;

/** Values of the part `[first, first + columns)` of a stored `Conv1D` weight, turned to `[outputs, inputs]`. */
async function stored(name: string, first: number, columns: number): Promise<number[]> {
  using weight = readSafetensors(`${folder}/model.safetensors`).load(name);
  const [inputs, outputs] = weight.shape as [number, number];
  const values = await weight.data();
  return Array.from({ length: columns * inputs }, (_, i) => {
    const [output, input] = [Math.floor(i / inputs), i % inputs];
    return values[input * outputs + first + output]!;
  });
}

it('cuts and turns what the checkpoint keeps as Conv1D, and trains it', async () => {
  const model = loadLanguageModel(folder);
  const names = ['query', 'key', 'value'].map((part) => `${block}.attn.c_attn.${part}.weight`);
  const unfrozen = model.unfreeze([...names, `${block}.mlp.c_fc.weight`, `${block}.attn.c_attn.key.bias`]);
  for (const [part, name] of names.entries()) {
    const expected = await stored(`${block}.attn.c_attn.weight`, part * width, width);
    expect([...(await unfrozen.get(name)!.data())]).toEqual(expected);
  }
  const up = unfrozen.get(`${block}.mlp.c_fc.weight`)!;
  expect(up.shape).toEqual([4 * width, width]);
  expect([...(await up.data())]).toEqual(await stored(`${block}.mlp.c_fc.weight`, 0, 4 * width));

  const input = {
    batch: 1,
    tokens: 5,
    ids: Int32Array.of(2, 59, 58, 116, 7),
    mask: new Uint8Array(5).fill(1),
  };
  const targets = Int32Array.of(59, 58, 116, 7, 2);
  const loss = (): Promise<number> =>
    scope(() => {
      const value = model.loss({ input }, tensor(targets));
      backward(value);
      return value;
    }).item();
  const before = await loss();
  new AdamW([{ parameters: [...unfrozen.values()], learningRate: 0.01 }]).step();
  expect(await loss()).toBeLessThan(before);
  model.dispose();
});
