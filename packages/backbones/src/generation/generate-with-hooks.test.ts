// Hooks in decoding: what they do must not depend on the batch, on beams or on the cache.
import { fileURLToPath } from 'node:url';
import {
  add,
  gatherRows,
  logSoftmax,
  normal,
  Random,
  reshape,
  scope,
  type Tensor,
  tensor,
} from '@ocelli/ops';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadLanguageModel } from '../load.js';
import type { HookList } from '../model/hooks.js';
import type { LanguageModel } from '../model/language-model.js';
import { generate } from './generate.js';

const prompts = [
  [2, 59, 58, 116],
  [2, 9],
  [2, 46, 86, 112, 65, 14, 78],
  [2, 30, 31],
];

describe.each(['opt-pre-norm', 'opt-post-norm', 'gpt2', 'llama-3', 'llama-wide-heads'])(
  'generate with hooks on %s',
  (name) => {
    let model: LanguageModel;
    let spliced: Tensor;
    let shifts: Tensor;
    beforeAll(() => {
      model = loadLanguageModel(fileURLToPath(new URL(`../../test/fixtures/${name}`, import.meta.url)));
      const random = new Random(5);
      // Two rows before the text and a shift of a hidden state: other ones for every prompt.
      spliced = normal(random, [prompts.length, 2, model.config.embeddingWidth]);
      shifts = normal(random, [prompts.length, 1, model.config.width]);
    });
    afterAll(() => model.dispose());

    const hooks = (batchRows: Int32Array): HookList => {
      const rows = tensor(batchRows);
      return [
        {
          splice: () => gatherRows(spliced, rows),
          map: (site, layer, x) =>
            site === 'block.out' && layer === 0 ? add(x, gatherRows(shifts, rows)) : x,
        },
      ];
    };

    it.each([1, 3])(
      'answers each prompt as if it were alone, with its own hooks (%i beams)',
      async (beams) => {
        const options = { beams, maxNewTokens: 9 };
        const together = await generate(model, { prompts, hooks, ...options });
        const plain = await generate(model, { prompts, ...options });
        for (const [index, prompt] of prompts.entries()) {
          const own = (batchRows: Int32Array) => hooks(batchRows.map(() => index));
          const [alone] = await generate(model, { prompts: [prompt], hooks: own, ...options });
          expect(together[index]!.ids).toEqual(alone!.ids);
          expect(together[index]!.score).toBeCloseTo(alone!.score, 4);
          expect(Math.abs(together[index]!.score - plain[index]!.score)).toBeGreaterThan(1e-3);
        }
      },
    );

    it.each([1, 3])('decodes without a cache as with one (%i beams)', async (beams) => {
      const options = { prompts, hooks, beams, maxNewTokens: 6 };
      const cached = await generate(model, options);
      const anew = await generate(model, { ...options, cached: false });
      expect(anew.map(({ ids }) => ids)).toEqual(cached.map(({ ids }) => ids));
      for (const [index, { score }] of anew.entries()) expect(score).toBeCloseTo(cached[index]!.score, 4);
    });

    it('lets hooks see the whole text at every step when there is no cache', async () => {
      const lengths: number[] = [];
      const looking = (): HookList => [
        {
          tap: (site, _, x) => {
            if (site === 'final') lengths.push(x.shape[1]!);
          },
        },
      ];
      const [answer] = await generate(model, {
        prompts: [[2, 59, 58]],
        hooks: looking,
        maxNewTokens: 4,
        cached: false,
      });
      expect(lengths).toEqual(answer!.ids.map((_, step) => 3 + step));
    });

    it('scores as a full forward pass without cache does', async () => {
      const answers = await generate(model, { prompts, hooks, beams: 3, maxNewTokens: 6 });
      for (const [index, { ids, score }] of answers.entries()) {
        const text = [...prompts[index]!, ...ids];
        const logProbabilities = scope(() => {
          const { logits } = model.forward({
            input: {
              batch: 1,
              tokens: text.length,
              ids: Int32Array.from(text),
              mask: new Uint8Array(text.length).fill(1),
            },
            hooks: hooks(Int32Array.of(index)),
          });
          return logSoftmax(reshape(logits, [text.length, model.config.vocabularySize]));
        });
        const values = await logProbabilities.data();
        let sum = 0;
        for (const [step, id] of ids.entries()) {
          sum += values[(prompts[index]!.length + step - 1) * model.config.vocabularySize + id]!;
        }
        expect(score).toBeCloseTo(sum / ids.length, 4);
      }
    });
  },
);
