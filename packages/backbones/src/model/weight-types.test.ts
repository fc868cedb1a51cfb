import { fileURLToPath } from 'node:url';
import { device, type WeightType } from '@ocelli/ops';
import { expect, it } from 'vitest';
import { loadLanguageModel } from '../load.js';

async function logits(name: string, dtype: WeightType): Promise<{ values: Float32Array; bytes: number }> {
  const folder = fileURLToPath(new URL(`../../test/fixtures/${name}`, import.meta.url));
  const before = device.memory().allocated;
  const model = loadLanguageModel(folder, { dtype });
  const bytes = device.memory().allocated - before;
  const ids = Int32Array.from({ length: 8 }, (_, i) => 3 + ((i * 7) % 20));
  const input = { batch: 1, tokens: ids.length, ids, mask: new Uint8Array(ids.length).fill(1) };
  const values = await model.forward({ input }).logits.data();
  model.dispose();
  return { values, bytes };
}

function relativeDifference(values: Float32Array, exact: Float32Array): number {
  const norm = (x: Float32Array): number => Math.hypot(...x);
  return norm(values.map((value, i) => value - exact[i]!)) / norm(exact);
}

it.each(['opt-pre-norm', 'gpt2', 'llama-3', 'llama-1'])(
  'keeps weights of %s in fewer bytes, close to the exact ones',
  async (name) => {
    const exact = await logits(name, 'float32');
    // A weight is off by at most 2^-12, 2^-9 or (fp8) 2^-4 of itself, half a 127th of its row's largest, or, with 4 bits, by
    // about a tenth. Signs are random, so that a product is off by as much, and a chain of some ten of them by the square root of
    // ten times that; twice in LLaMA, where a gate multiplies two such products.
    const gated = name.startsWith('llama') ? 2 : 1;
    for (const [dtype, bound] of [
      ['float16', 2 ** -10],
      ['bfloat16', 2 ** -7],
      ['int8', 2 ** -5],
      ['fp8', 2 ** -3],
      ['nf4', 2 ** -1],
      ['fp4', 2 ** -1],
    ] as const) {
      const narrow = await logits(name, dtype);
      expect(narrow.bytes).toBeLessThan(exact.bytes);
      const difference = relativeDifference(narrow.values, exact.values);
      expect(difference).toBeLessThan(gated * bound);
      expect(difference).toBeGreaterThan(0);
    }
  },
);
