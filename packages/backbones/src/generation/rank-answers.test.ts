import { fileURLToPath } from 'node:url';
import { add, device, gatherRows, logSoftmax, normal, Random, scope, type Tensor, tensor } from '@ocelli/ops';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadLanguageModel } from '../load.js';
import type { HookList } from '../model/hooks.js';
import type { LanguageModel } from '../model/language-model.js';
import { generate } from './generate.js';
import { rankAnswers } from './rank-answers.js';

const prompts = [
  [2, 59, 58, 116],
  [2, 9],
  [2, 46, 86, 112, 65, 14, 78],
];
// Of one to five tokens, with common beginnings, and one that begins another.
const answers = [[7], [7, 8, 2], [7, 8, 9, 10, 2], [30, 31], [30, 31, 2], [100], [5, 5, 5, 5, 5], [12, 2]];

describe.each(['opt-pre-norm', 'opt-post-norm', 'opt-no-bias'])('rankAnswers on %s', (name) => {
  let model: LanguageModel;
  let spliced: Tensor;
  let shifts: Tensor;
  beforeAll(() => {
    model = loadLanguageModel(fileURLToPath(new URL(`../../test/fixtures/${name}`, import.meta.url)));
    const random = new Random(5);
    spliced = normal(random, [prompts.length, 2, model.config.embeddingWidth]);
    shifts = normal(random, [prompts.length, 1, model.config.width]);
  });
  afterAll(() => model.dispose());

  const hooks = (batchRows: Int32Array): HookList => {
    const rows = tensor(batchRows);
    return [
      {
        splice: () => gatherRows(spliced, rows),
        map: (site, layer, x) => (site === 'block.out' && layer === 0 ? add(x, gatherRows(shifts, rows)) : x),
      },
    ];
  };

  /** The sum of an answer's log-probabilities by one forward pass over everything. */
  async function byFullForward(prompt: number, answer: number[], hooked: boolean): Promise<number> {
    const text = [...prompts[prompt]!, ...answer];
    const tokens = text.length;
    using logProbabilities = scope(() => {
      const { logits } = model.forward({
        input: { batch: 1, tokens, ids: Int32Array.from(text), mask: new Uint8Array(tokens).fill(1) },
        ...(hooked ? { hooks: hooks(Int32Array.of(prompt)) } : {}),
      });
      return logSoftmax(logits);
    });
    const values = await logProbabilities.data();
    const { vocabularySize } = model.config;
    const begin = prompts[prompt]!.length - 1;
    return answer.reduce((sum, id, i) => sum + values[(begin + i) * vocabularySize + id]!, 0);
  }

  it.each([
    ['without hooks', false, 64],
    ['with hooks, in small batches', true, 3],
  ] as const)('equals a full forward pass over each answer, %s', async (_, hooked, batchSize) => {
    const before = device.memory().allocated;
    const ranked = await rankAnswers(model, { prompts, answers, batchSize, ...(hooked ? { hooks } : {}) });
    expect(device.memory().allocated).toBe(before);
    for (const [prompt, list] of ranked.entries()) {
      expect(list.map(({ score }) => score)).toEqual(list.map(({ score }) => score).sort((a, b) => b - a));
      expect(new Set(list.map(({ answer }) => answer)).size).toBe(answers.length);
      for (const { answer, logProbability, score } of list) {
        const expected = await byFullForward(prompt, answers[answer]!, hooked);
        expect(Math.abs(logProbability - expected)).toBeLessThan(1e-4);
        expect(score).toBe(logProbability);
      }
    }
  });

  it('ranks by the mean where asked, alike without a cache', async () => {
    const cached = await rankAnswers(model, { prompts, answers, hooks, lengthPenalty: 1 });
    const anew = await rankAnswers(model, { prompts, answers, hooks, lengthPenalty: 1, cached: false });
    const sums = await rankAnswers(model, { prompts, answers, hooks });
    expect(anew.map((list) => list.map(({ answer }) => answer))).toEqual(
      cached.map((list) => list.map(({ answer }) => answer)),
    );
    for (const [prompt, list] of cached.entries()) {
      for (const [rank, { answer, logProbability, score }] of list.entries()) {
        expect(score).toBeCloseTo(logProbability / answers[answer]!.length, 12);
        expect(Math.abs(anew[prompt]![rank]!.score - score)).toBeLessThan(1e-4);
      }
    }
    expect(sums.map(([best]) => best!.answer)).not.toEqual(cached.map(([best]) => best!.answer));
  });

  it('agrees with decoding that may only say the answers', async () => {
    const endId = model.config.endId;
    const closed = answers.filter((answer) => answer.at(-1) === endId);
    const onlyAnswers = closed.map((answer) => answer.slice(0, -1));
    const ranked = await rankAnswers(model, { prompts, answers: closed, hooks });
    const beams = closed.length;
    const said = await generate(model, {
      prompts,
      hooks,
      onlyAnswers,
      beams,
      returnedSequences: beams,
      earlyStopping: 'never',
      lengthPenalty: 0,
      maxNewTokens: 6,
    });
    for (const [prompt, list] of ranked.entries()) {
      const found = said.slice(prompt * beams, (prompt + 1) * beams);
      expect(found.map(({ ids }) => ids)).toEqual(list.map(({ answer }) => closed[answer]));
      for (const [i, { score }] of found.entries()) expect(score).toBeCloseTo(list[i]!.score, 4);
    }
    const greedy = await generate(model, { prompts, hooks, onlyAnswers, maxNewTokens: 6 });
    for (const { ids } of greedy) expect(closed).toContainEqual(ids);
  });

  it('stops at its signal, and refuses what has no meaning', async () => {
    const controller = new AbortController();
    let calls = 0;
    const counting = (): HookList => {
      if (++calls === 2) controller.abort(new Error('enough'));
      return [];
    };
    const stopped = rankAnswers(model, {
      prompts,
      answers,
      hooks: counting,
      batchSize: 1,
      signal: controller.signal,
    });
    await expect(stopped).rejects.toThrow('enough');
    expect(calls).toBe(2);
    expect(await rankAnswers(model, { prompts: [], answers })).toEqual([]);
    const defaults = { prompts, answers };
    for (const [options, message] of [
      [{ answers: [] }, /there are no answers/],
      [{ answers: [[5], []] }, /answer 1 is empty/],
      [{ answers: [[1e6]] }, /answer 0 has the id 1000000/],
      [{ batchSize: 0 }, /batchSize must be a whole number >= 1, got 0/],
      [{ lengthPenalty: Number.NaN }, /lengthPenalty must be a number/],
      [{ prompts: [[]] }, /prompt 0 is empty/],
    ] as const) {
      await expect(rankAnswers(model, { ...defaults, ...options })).rejects.toThrow(message);
    }
  });
});
