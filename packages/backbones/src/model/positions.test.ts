import { fileURLToPath } from 'node:url';
import { backward, noGrad, readSafetensorsArrays, scope, slice, tensor } from '@ocelli/ops';
import { afterAll, describe, expect, it } from 'vitest';
import { generate } from '../generation/generate.js';
import { loadLanguageModel } from '../load.js';
import { packTokens } from './pack-tokens.js';
import { rowPositions, textPositions } from './positions.js';

describe('rowPositions', () => {
  const padded = { batch: 2, tokens: 3, ids: new Int32Array(6), mask: Uint8Array.of(0, 1, 1, 1, 1, 0) };
  const places = { cachedRows: 0, addedRows: 0, seen: null };

  it('numbers attended tokens, as textPositions does', () => {
    const { positions: text } = textPositions(padded, null);
    expect([...rowPositions(padded, { ...places, text })]).toEqual([-1, 0, 1, 0, 1, -1]);
  });

  it('numbers the rows before the text, then the text', () => {
    const { positions: text } = textPositions(padded, null);
    expect([...rowPositions(padded, { ...places, text, addedRows: 2 })]).toEqual([
      ...[0, 1, -1, 2, 3],
      ...[0, 1, 2, 3, -1],
    ]);
    const packed = packTokens([[5], [6, 7]]);
    const packedText = textPositions(packed, null).positions;
    expect([...rowPositions(packed, { ...places, text: packedText, addedRows: 1 })]).toEqual([0, 1, 0, 1, 2]);
  });

  it('goes on after what the cache holds', () => {
    const step = { batch: 2, tokens: 1, ids: new Int32Array(2), mask: Uint8Array.of(1, 1) };
    const seen = Int32Array.of(2, 7);
    const { positions: text } = textPositions(step, seen);
    expect([...rowPositions(step, { text, seen, cachedRows: 3, addedRows: 0 })]).toEqual([5, 10]);
    expect([...rowPositions(step, { text, seen, cachedRows: 3, addedRows: 1 })]).toEqual([5, 6, 10, 11]);
  });
});

// transformers, given `inputs_embeds` with the same rows before the text's.
describe.each(['llama-1', 'llama-3', 'llama-wide-heads'])('rows spliced before the text of %s', (name) => {
  const folder = fileURLToPath(new URL(`../../test/fixtures/${name}`, import.meta.url));
  const model = loadLanguageModel(folder);
  afterAll(() => model.dispose());
  const stored = readSafetensorsArrays(`${folder}/prefix.safetensors`);
  const [batch, tokens] = stored.get('input_ids')!.shape as [number, number];
  const ids = Int32Array.from(stored.get('input_ids')!.data);
  const mask = Uint8Array.from(stored.get('attention_mask')!.data);
  const labels = stored.get('labels')!.data;
  const input = { batch, tokens, ids, mask };
  const { data, shape } = stored.get('prefix')!;
  const prefix = tensor(Float32Array.from(data), shape).asParameter();
  const rowOf = (index: number): number => Math.floor(index / model.config.vocabularySize);

  it('stand where inputs_embeds have them: logits and the gradient of the rows', async () => {
    const targets = Int32Array.from(labels, (_, i) => ((i + 1) % tokens === 0 ? -100 : labels[i + 1]!));
    const call = { input, hooks: [{ splice: () => prefix }] };
    const logits = await scope(() => noGrad(() => model.forward(call).logits.data()));
    const loss = scope(() => {
      const value = model.loss(call, tensor(targets));
      backward(value);
      return value;
    });
    const expected = stored.get('logits')!.data;
    const largest = Math.max(...Array.from(expected, Math.abs));
    for (const [i, value] of logits.entries()) {
      if (mask[rowOf(i)]) expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-4 * largest);
    }
    const expectedLoss = stored.get('loss')!.data[0]!;
    expect(Math.abs((await loss.item()) - expectedLoss)).toBeLessThan(1e-4 * expectedLoss);
    const gradient = await prefix.grad!.data();
    const expectedGradient = stored.get('grad.prefix')!.data;
    const steepest = Math.max(...Array.from(expectedGradient, Math.abs));
    for (const [i, value] of gradient.entries()) {
      expect(Math.abs(value - expectedGradient[i]!)).toBeLessThan(1e-4 * steepest);
    }
  });

  it('are gone on from in decoding', async () => {
    const expected = stored.get('greedy')!;
    const count = expected.shape[1]!;
    const prompts = Array.from({ length: batch }, (_, row) =>
      Array.from(ids.subarray(row * tokens, (row + 1) * tokens)).filter((_, i) => mask[row * tokens + i]),
    );
    for (const [row, prompt] of prompts.entries()) {
      const hooks = () => [{ splice: () => slice(prefix, 0, row, row + 1) }];
      const [answer] = await generate(model, { prompts: [prompt], hooks, maxNewTokens: count, endId: [] });
      expect(answer!.ids).toEqual(Array.from(expected.data.slice(row * count, (row + 1) * count)));
    }
  });

  it('count where positions end', () => {
    const { maxPositions } = model.config;
    const long = packTokens([Array.from({ length: maxPositions }, () => 9)]);
    const one = scope(() => slice(slice(prefix, 0, 0, 1), 1, 0, 1));
    expect(() => model.forward({ input: long, hooks: [{ splice: () => one }] })).toThrow(
      `[forward] text and the rows before it need ${maxPositions + 1} positions, the model has ${maxPositions}`,
    );
  });
});
