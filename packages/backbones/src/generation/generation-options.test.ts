// What transformers.generate answers with the options of generation: tools/golden/generation_options.py.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { FormulaModel } from '../../test/formula-model.js';
import { loadLanguageModel } from '../load.js';
import type { LanguageModel } from '../model/language-model.js';
import { type GenerateOptions, generate } from './generate.js';
import { streamTokens } from './stream-tokens.js';

interface GoldenCase {
  /** Seed and end bias of a formula model, or a checkpoint's name. */
  model: [number, number] | string;
  endIds: number[];
  prompt: number[];
  options: Omit<GenerateOptions, 'prompts'>;
  expected: { ids: number[]; score: number | null }[];
}

const golden = JSON.parse(
  readFileSync(new URL('../../test/generation-options.json', import.meta.url), 'utf8'),
) as GoldenCase[];

const loaded = new Map<string, LanguageModel>();
afterAll(() => {
  for (const model of loaded.values()) model.dispose();
});

function modelOf({ model }: GoldenCase): LanguageModel {
  if (typeof model !== 'string') return new FormulaModel(...model);
  const found =
    loaded.get(model) ??
    loadLanguageModel(fileURLToPath(new URL(`../../test/fixtures/${model}`, import.meta.url)));
  loaded.set(model, found);
  return found;
}

const named = golden.map((each, index) => [index, each.model, JSON.stringify(each.options), each] as const);

describe('generate with options', () => {
  it.each(named)('answers as transformers does: case %i, model %j, %s', async (_, __, ___, each) => {
    const { prompt, endIds, options, expected } = each;
    const model = modelOf(each);
    const answers = await generate(model, { prompts: [prompt], endId: endIds, ...options });
    expect(answers.map(({ ids }) => ids)).toEqual(expected.map(({ ids }) => ids));
    for (const [row, { score }] of answers.entries()) {
      const wanted = expected[row]!.score;
      if (wanted !== null)
        expect(Math.abs(score - wanted)).toBeLessThan(1e-5 * Math.max(1, Math.abs(wanted)));
    }
    if ((options.beams ?? 1) > 1) return;
    const streamed: number[] = [];
    for await (const id of streamTokens(model, { prompt, endId: endIds, ...options })) streamed.push(id);
    expect(streamed).toEqual(expected[0]!.ids);
  });

  it('covers each option, greedy and with beams, on at least 50 prompts', () => {
    const count = (holds: (options: GoldenCase['options']) => unknown): number =>
      golden.filter(({ options }) => holds(options)).length;
    expect(count((o) => o.repetitionPenalty && !o.beams)).toBeGreaterThanOrEqual(50);
    expect(count((o) => o.noRepeatNgrams && !o.beams)).toBeGreaterThanOrEqual(50);
    expect(count((o) => o.repetitionPenalty && o.beams)).toBeGreaterThanOrEqual(40);
    for (const stopping of [true, false, 'never'])
      expect(count((o) => o.earlyStopping === stopping)).toBeGreaterThanOrEqual(20);
    expect(count((o) => (o.returnedSequences ?? 1) > 1)).toBeGreaterThanOrEqual(40);
  });

  it('answers each prompt as if it were alone, padding never part of the text', async () => {
    const model = modelOf(golden.at(-1)!);
    const prompts = [[2, 30, 31], [2], [2, 46, 86, 112, 65, 14, 78], [2, 9, 9, 9]];
    for (const options of [
      { repetitionPenalty: 1.4, noRepeatNgrams: 2 },
      { repetitionPenalty: 1.4, noRepeatNgrams: 1, badWords: [[1]] },
      { repetitionPenalty: 1.4, beams: 3, returnedSequences: 2, earlyStopping: 'never' as const },
      { sampling: { seed: 11, temperature: 1.3, topP: 0.95 }, returnedSequences: 3, repetitionPenalty: 1.1 },
    ]) {
      const together = await generate(model, { prompts, maxNewTokens: 8, ...options });
      const alone = [];
      for (const [index, prompt] of prompts.entries()) {
        const sampling = options.sampling && { sampling: { ...options.sampling, firstPrompt: index } };
        alone.push(
          ...(await generate(model, { prompts: [prompt], maxNewTokens: 8, ...options, ...sampling })),
        );
      }
      expect(together.map(({ ids }) => ids)).toEqual(alone.map(({ ids }) => ids));
      for (const [row, { score }] of together.entries()) expect(score).toBeCloseTo(alone[row]!.score, 4);
    }
  });

  it('draws reproducibly, other samples of other seeds, over one run of the prompt', async () => {
    const model = new FormulaModel(3, 0.2);
    const call = (seed: number, returnedSequences: number) =>
      generate(model, {
        prompts: [
          [2, 5],
          [2, 6, 7],
        ],
        maxNewTokens: 6,
        sampling: { seed },
        returnedSequences,
      });
    const first = await call(1, 4);
    expect(model.calls[0]!.input.batch).toBe(2);
    expect(model.calls[1]!.input.batch).toBeLessThanOrEqual(8);
    expect(first).toHaveLength(8);
    expect(await call(1, 4)).toEqual(first);
    expect(await call(2, 4)).not.toEqual(first);
    expect(new Set(first.slice(0, 4).map(({ ids }) => ids.join())).size).toBeGreaterThan(1);
    // A sample does not depend on how many there are.
    const fewer = await call(1, 2);
    expect(fewer).toEqual([first[0], first[1], first[4], first[5]]);
  });

  it('scores samples by the model, whatever shaped the draw', async () => {
    const model = new FormulaModel(6, 0.2);
    const prompt = [2, 9];
    const sequences = await generate(model, {
      prompts: [prompt],
      maxNewTokens: 5,
      sampling: { seed: 3, temperature: 2, topK: 6 },
      repetitionPenalty: 1.5,
      returnedSequences: 3,
      lengthPenalty: 0,
    });
    for (const { ids, score } of sequences) {
      let sum = 0;
      for (const [index, id] of ids.entries()) {
        const logits = model.logits([...prompt, ...ids.slice(0, index)]);
        sum += logits[id]! - Math.log(logits.reduce((total, logit) => total + Math.exp(logit), 0));
      }
      expect(score).toBeCloseTo(sum, 5);
    }
  });

  it.each<[string, object, RegExp]>([
    [
      'several greedy ones',
      { returnedSequences: 2 },
      /2 sequences per prompt need as many beams or sampling/,
    ],
    ['beams that draw', { beams: 2, sampling: { seed: 1 } }, /2 beams and sampling exclude each other/],
    ['a cold temperature', { sampling: { seed: 1, temperature: 0 } }, /temperature must be above 0, got 0/],
    ['no topK', { sampling: { seed: 1, topK: 0 } }, /topK must be a whole number >= 1, got 0/],
    ['too much mass', { sampling: { seed: 1, topP: 1.5 } }, /topP must be from 0 to 1, got 1.5/],
    ['a strange share', { sampling: { seed: 1, minP: -1 } }, /minP must be from 0 to 1, got -1/],
    ['a strange seed', { sampling: { seed: 0.5 } }, /seed must be a whole number from 0, got 0.5/],
    ['a penalty of 0', { repetitionPenalty: 0 }, /repetitionPenalty must be above 0, got 0/],
    ['half n-grams', { noRepeatNgrams: 1.5 }, /noRepeatNgrams must be a whole number >= 0, got 1.5/],
    ['empty bad words', { badWords: [[]] }, /badWords holds an empty list/],
    ['foreign ids', { suppressedTokens: [99] }, /suppressedTokens has the id 99, the model knows 0 to 16/],
    ['no answers', { onlyAnswers: [] }, /onlyAnswers is empty/],
    ['nothing to choose', { suppressedTokens: [...Array(17).keys()] }, /no token has a probability/],
    [
      'nothing to draw',
      { suppressedTokens: [...Array(17).keys()], sampling: { seed: 1 } },
      /no token has a probability/,
    ],
  ])('refuses %s', async (_, options, message) => {
    const model = new FormulaModel(1, 0);
    await expect(generate(model, { prompts: [[2]], maxNewTokens: 6, ...options })).rejects.toThrow(message);
  });
});
