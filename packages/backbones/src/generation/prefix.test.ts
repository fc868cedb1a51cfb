import { fileURLToPath } from 'node:url';
import { device, gatherRows, normal, Random, scale, type Tensor, tensor } from '@ocelli/ops';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadLanguageModel } from '../load.js';
import type { HookList } from '../model/hooks.js';
import type { LanguageModel } from '../model/language-model.js';
import { generate } from './generate.js';
import { createPrefix } from './prefix.js';
import { rankAnswers } from './rank-answers.js';
import { streamTokens } from './stream-tokens.js';

const prefixIds = [2, 59, 58, 116, 30];
const prompts = [[9], [46, 86, 112, 65], [30, 31]];
const whole = prompts.map((prompt) => [...prefixIds, ...prompt]);

describe.each(['opt-pre-norm', 'opt-post-norm'])('a prefix of %s', (name) => {
  let model: LanguageModel;
  let soft: Tensor;
  beforeAll(() => {
    model = loadLanguageModel(fileURLToPath(new URL(`../../test/fixtures/${name}`, import.meta.url)));
    soft = normal(new Random(5), [1, 2, model.config.embeddingWidth]);
  });
  afterAll(() => model.dispose());

  /** A soft prompt before the text and a change of a hidden state: the same for every sample. */
  const hooks = (batch: number): HookList => [
    {
      splice: () => {
        expect(batch).toBe(1);
        return soft;
      },
      map: (site, layer, x) => (site === 'block.out' && layer === 1 ? scale(x, 1.05) : x),
    },
  ];
  const inOnePiece = (rows: Int32Array): HookList => [
    { ...hooks(1)[0], splice: () => gatherRows(soft, tensor(new Int32Array(rows.length))) },
  ];

  it.each<[string, object]>([
    ['greedy', {}],
    ['beams', { beams: 3, returnedSequences: 2 }],
    ['samples', { sampling: { seed: 4, topK: 20 }, returnedSequences: 3 }],
    ['penalties, of the prefix too', { repetitionPenalty: 1.5, noRepeatNgrams: 2 }],
  ])('gives what prefix and prompt in one piece give: %s', async (_, options) => {
    const before = device.memory().allocated;
    {
      using prefix = createPrefix(model, prefixIds);
      const expected = await generate(model, { prompts: whole, maxNewTokens: 8, ...options });
      // Used twice: nothing that continues a prefix changes it.
      for (let run = 0; run < 2; run++) {
        const answers = await generate(model, { prompts, prefix, maxNewTokens: 8, ...options });
        expect(answers.map(({ ids }) => ids)).toEqual(expected.map(({ ids }) => ids));
        for (const [row, { score }] of answers.entries())
          expect(Math.abs(score - expected[row]!.score)).toBeLessThan(1e-5);
      }
    }
    expect(device.memory().allocated).toBe(before);
  });

  it('brings its hooks: spliced rows once, the others at every step', async () => {
    using prefix = createPrefix(model, prefixIds, { hooks });
    const expected = await generate(model, { prompts: whole, hooks: inOnePiece, maxNewTokens: 8 });
    const answers = await generate(model, { prompts, prefix, maxNewTokens: 8 });
    const without = await generate(model, { prompts: whole, maxNewTokens: 8 });
    expect(answers.map(({ ids }) => ids)).toEqual(expected.map(({ ids }) => ids));
    for (const [row, { score }] of answers.entries()) {
      expect(Math.abs(score - expected[row]!.score)).toBeLessThan(1e-5);
      expect(Math.abs(score - without[row]!.score)).toBeGreaterThan(1e-3);
    }
  });

  it('serves streams and rankings', async () => {
    using prefix = createPrefix(model, prefixIds);
    const [expected] = await generate(model, { prompts: [whole[1]!], maxNewTokens: 6 });
    const ids: number[] = [];
    for await (const id of streamTokens(model, { prompt: prompts[1]!, prefix, maxNewTokens: 6 }))
      ids.push(id);
    expect(ids).toEqual(expected!.ids);
    const answers = [[4, 5, 2], [7], [7, 8]];
    const ranked = await rankAnswers(model, { prompts, prefix, answers });
    const inOne = await rankAnswers(model, { prompts: whole, answers });
    for (const [row, list] of ranked.entries()) {
      expect(list.map(({ answer }) => answer)).toEqual(inOne[row]!.map(({ answer }) => answer));
      for (const [i, { score }] of list.entries())
        expect(Math.abs(score - inOne[row]![i]!.score)).toBeLessThan(1e-5);
    }
  });

  it('refuses what it cannot be exact with', async () => {
    using prefix = createPrefix(model, prefixIds);
    const options = { prompts, prefix, maxNewTokens: 3 };
    await expect(generate(model, { ...options, hooks: () => [] })).rejects.toThrow(/prefix takes no hooks/);
    await expect(generate(model, { ...options, cached: false })).rejects.toThrow(
      /a prefix is a key-value cache/,
    );
    const directory = fileURLToPath(new URL(`../../test/fixtures/${name}`, import.meta.url));
    const other = loadLanguageModel(directory);
    await expect(generate(other, options)).rejects.toThrow(/made with another model/);
    other.dispose();
    await expect(generate(model, { ...options, prompts: [[]] })).rejects.toThrow(/prompt 0 is empty/);
    const long = Array<number>(model.config.maxPositions - prefixIds.length - 1).fill(5);
    await expect(generate(model, { ...options, prompts: [long] })).rejects.toThrow(/shorten one of them/);
    expect(() => createPrefix(model, [])).toThrow(/prompt 0 is empty/);
  });
});
