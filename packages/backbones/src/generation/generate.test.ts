import { readFileSync } from 'node:fs';
import { device, type Tensor, tensor } from '@ocelli/ops';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FormulaModel } from '../../test/formula-model.js';
import { generate } from './generate.js';

interface GoldenCase {
  seed: number;
  endBias: number;
  beams: number;
  maxNewTokens: number;
  lengthPenalty: number;
  endIds: number[];
  prompts: number[][];
  expected: { ids: number[]; score: number | null }[];
}

const golden = JSON.parse(
  readFileSync(new URL('../../test/formula-generation.json', import.meta.url), 'utf8'),
) as GoldenCase[];

describe('generate', () => {
  it.each(golden.map((testCase) => [testCase.seed, testCase] as const))(
    'answers as transformers does: case %i',
    async (_, { seed, endBias, endIds, prompts, expected, ...options }) => {
      const model = new FormulaModel(seed, endBias);
      const answers = await generate(model, { prompts, endId: endIds, ...options });
      expect(answers.map(({ ids }) => ids)).toEqual(expected.map(({ ids }) => ids));
      for (const [row, { score }] of answers.entries()) {
        const wanted = expected[row]!.score;
        if (wanted !== null)
          expect(Math.abs(score - wanted)).toBeLessThan(1e-5 * Math.max(1, Math.abs(wanted)));
      }
      expect(model.caches.map(({ isDisposed }) => isDisposed)).toEqual([true]);
    },
  );

  it('answers each prompt as if it were alone', async () => {
    const model = new FormulaModel(77, 0.7);
    const prompt = fc.array(fc.integer({ min: 0, max: 16 }), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(prompt, { minLength: 2, maxLength: 5 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 8 }),
        fc.constantFrom(0, 1, 1.7, -0.5),
        async (prompts, beams, maxNewTokens, lengthPenalty) => {
          const options = { beams, maxNewTokens, lengthPenalty };
          const alone = [];
          for (const one of prompts) alone.push(...(await generate(model, { prompts: [one], ...options })));
          expect(await generate(model, { prompts, ...options })).toEqual(alone);
        },
      ),
      { numRuns: 40, seed: 3 },
    );
  });

  it('scores by the mean log-probability of new tokens, the end id among them', async () => {
    const model = new FormulaModel(5, 1);
    const prompt = [2, 9];
    for (const [lengthPenalty, norm] of [
      [1, (n: number) => n],
      [0, () => 1],
      [2, (n: number) => n * n],
    ] as const) {
      const [{ ids, score }] = (await generate(model, {
        prompts: [prompt],
        maxNewTokens: 6,
        lengthPenalty,
      })) as [{ ids: number[]; score: number }];
      let sum = 0;
      for (const [index, id] of ids.entries()) {
        const logits = model.logits([...prompt, ...ids.slice(0, index)]);
        sum += logits[id]! - Math.log(logits.reduce((total, logit) => total + Math.exp(logit), 0));
      }
      expect(score).toBeCloseTo(sum / norm(ids.length), 5);
    }
  });

  it('pads on the left, asks for the last rows only and drops what has finished', async () => {
    const { prompts, endBias, seed, endIds, expected } = golden.find(
      ({ beams, expected }) => beams === 1 && new Set(expected.map(({ ids }) => ids.length)).size > 1,
    )!;
    const model = new FormulaModel(seed, endBias);
    await generate(model, { prompts, maxNewTokens: 12, endId: endIds });
    const [first, ...rest] = model.calls;
    const width = Math.max(...prompts.map(({ length }) => length));
    expect(first!.input.tokens).toBe(width);
    for (const [row, prompt] of prompts.entries()) {
      const padded = [...Array(width - prompt.length).fill(1), ...prompt];
      expect(Array.from(first!.input.ids.slice(row * width, (row + 1) * width))).toEqual(padded);
    }
    for (const [index, call] of rest.entries()) {
      expect(call.input.tokens).toBe(1);
      expect(call.input.batch).toBe(expected.filter(({ ids }) => ids.length > index + 1).length);
    }
  });

  it('asks for hooks at every step, with the prompt of each row, and frees the tensors that they make', async () => {
    const model = new FormulaModel(8, 0.5);
    const seen: number[][] = [];
    const made: Tensor[] = [];
    await generate(model, {
      prompts: [
        [2, 5],
        [2, 6, 7],
      ],
      beams: 2,
      maxNewTokens: 4,
      hooks: (batchRows) => {
        seen.push(Array.from(batchRows));
        made.push(tensor(Float32Array.from(batchRows)));
        return [{ tap: () => {} }];
      },
    });
    expect(seen.slice(0, 2)).toEqual([
      [0, 1],
      [0, 0, 1, 1],
    ]);
    expect(seen.length).toBe(model.calls.length);
    for (const [step, call] of model.calls.entries()) {
      expect(call.input.batch).toBe(seen[step]!.length);
      expect(call.hooks).toHaveLength(1);
    }
    expect(made.every(({ isDisposed }) => isDisposed)).toBe(true);
  });

  it('leaves no memory behind, even when aborted', async () => {
    const model = new FormulaModel(9, -5);
    const before = device.memory().allocated;
    await generate(model, { prompts: [[2], [3, 4]], beams: 3, maxNewTokens: 5 });
    expect(device.memory().allocated).toBe(before);

    const controller = new AbortController();
    const reason = new Error('the user left');
    const aborted = generate(model, {
      prompts: [[2]],
      maxNewTokens: 30,
      signal: controller.signal,
      hooks: () => {
        if (model.calls.length === 7) controller.abort(reason);
        return [];
      },
    });
    await expect(aborted).rejects.toBe(reason);
    expect(model.calls.length).toBe(8);
    expect(model.caches.at(-1)!.isDisposed).toBe(true);
    expect(device.memory().allocated).toBe(before);
    await expect(
      generate(model, { prompts: [[2]], maxNewTokens: 3, signal: AbortSignal.abort(reason) }),
    ).rejects.toBe(reason);
    await expect(generate(model, { prompts: [], maxNewTokens: 3 })).resolves.toEqual([]);
  });

  it.each<[string, object, RegExp]>([
    [
      'an empty prompt',
      { prompts: [[2], []] },
      /\[generate\] prompt 1 is empty; begin it with the model's beginId 2/,
    ],
    ['a foreign id', { prompts: [[2, 17]] }, /prompt 0 has the id 17, the model knows 0 to 16/],
    [
      'no room',
      { prompts: [Array(36).fill(4)] },
      /prompt 0 has 36 tokens and maxNewTokens is 6, but the model has 40 positions/,
    ],
    ['no beams', { beams: 0 }, /beams must be a whole number >= 1, got 0/],
    ['no tokens', { maxNewTokens: 0 }, /maxNewTokens must be a whole number >= 1, got 0/],
    ['a strange penalty', { lengthPenalty: Number.NaN }, /lengthPenalty must be a number, got NaN/],
  ])('refuses %s', async (_, options, message) => {
    const model = new FormulaModel(1, 0);
    await expect(generate(model, { prompts: [[2]], maxNewTokens: 6, ...options })).rejects.toThrow(message);
    expect(model.calls).toEqual([]);
  });

  it('says so when the model answers NaN', async () => {
    const model = new FormulaModel(Number.NaN, 0);
    await expect(generate(model, { prompts: [[2]], maxNewTokens: 6 })).rejects.toThrow(
      /logits are NaN or infinite/,
    );
    await expect(generate(model, { prompts: [[2]], maxNewTokens: 6, beams: 3 })).rejects.toThrow(
      /logits are NaN/,
    );
  });
});
