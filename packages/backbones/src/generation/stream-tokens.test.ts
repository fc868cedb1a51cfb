import { describe, expect, it } from 'vitest';
import { FormulaModel } from '../../test/formula-model.js';
import { generate } from './generate.js';
import { streamTokens } from './stream-tokens.js';

describe('streamTokens', () => {
  it('gives what greedy decoding gives, one token at a time', async () => {
    let ended = 0;
    for (let seed = 1; seed <= 20; seed++) {
      const model = new FormulaModel(seed, 1);
      const [expected] = await generate(model, { prompts: [[2, 4, 5]], maxNewTokens: 7 });
      const before = model.calls.length;
      const ids: number[] = [];
      for await (const id of streamTokens(model, { prompt: [2, 4, 5], maxNewTokens: 7 })) {
        ids.push(id);
        expect(model.calls.length - before).toBe(ids.length);
      }
      expect(ids).toEqual(expected!.ids);
      ended += Number(ids.at(-1) === 2);
    }
    expect(ended).toBeGreaterThan(0);
    expect(ended).toBeLessThan(20);
  });

  it('frees its cache when the loop is left, and stops when aborted', async () => {
    const model = new FormulaModel(4, -9);
    for await (const _ of streamTokens(model, { prompt: [2], maxNewTokens: 7 })) break;
    expect(model.caches[0]!.isDisposed).toBe(true);
    const controller = new AbortController();
    const ids: number[] = [];
    const stream = async () => {
      for await (const id of streamTokens(model, {
        prompt: [2],
        maxNewTokens: 30,
        signal: controller.signal,
      })) {
        if (ids.push(id) === 3) controller.abort();
      }
    };
    await expect(stream()).rejects.toThrow(/abort/);
    expect(ids).toHaveLength(3);
    expect(model.caches[1]!.isDisposed).toBe(true);
  });

  it('refuses what generate refuses', async () => {
    const model = new FormulaModel(4, 0);
    await expect(streamTokens(model, { prompt: [], maxNewTokens: 7 }).next()).rejects.toThrow(
      /prompt 0 is empty/,
    );
    await expect(streamTokens(model, { prompt: [2], maxNewTokens: -1 }).next()).rejects.toThrow(
      /maxNewTokens/,
    );
  });
});
