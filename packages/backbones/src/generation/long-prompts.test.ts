// Prompts that are run in parts: the same results, and a signal is heard between them.
import { device, gatherRows, normal, Random, scale, tensor } from '@ocelli/ops';
import { expect, it } from 'vitest';
import { FormulaModel } from '../../test/formula-model.js';
import { OptModel } from '../architectures/opt.js';
import { parseOptConfig } from '../architectures/opt-config.js';
import type { HookList } from '../model/hooks.js';
import { generate } from './generate.js';
import { rankAnswers } from './rank-answers.js';

it('answers as without a cache, which runs all of it at once', async () => {
  const values = {
    model_type: 'opt',
    vocab_size: 60,
    hidden_size: 16,
    word_embed_proj_dim: 16,
    ffn_dim: 32,
    num_hidden_layers: 2,
    num_attention_heads: 2,
    max_position_embeddings: 900,
    do_layer_norm_before: true,
    activation_function: 'relu',
    bos_token_id: 2,
    eos_token_id: 2,
    pad_token_id: 1,
  };
  const random = new Random(3);
  const model = OptModel.initialize(parseOptConfig(values, 'test'), random);
  const spliced = normal(random, [3, 2, 16]);
  const hooks = (rows: Int32Array): HookList => [
    {
      splice: () => gatherRows(spliced, tensor(rows)),
      map: (site, layer, x) => (site === 'block.out' && layer === 0 ? scale(x, 1.1) : x),
    },
  ];
  // The shortest is all padding in the first parts.
  const prompts = [700, 513, 20].map((length) => Array.from({ length }, () => 4 + random.integer(56)));
  for (const options of [{}, { beams: 3 }]) {
    const cached = await generate(model, { prompts, hooks, maxNewTokens: 4, ...options });
    const anew = await generate(model, { prompts, hooks, maxNewTokens: 4, ...options, cached: false });
    expect(cached.map(({ ids }) => ids)).toEqual(anew.map(({ ids }) => ids));
    for (const [row, { score }] of cached.entries())
      expect(Math.abs(score - anew[row]!.score)).toBeLessThan(1e-5);
  }
  const answers = [[5], [6, 7, 2]];
  const ranked = await rankAnswers(model, { prompts, hooks, answers });
  const anew = await rankAnswers(model, { prompts, hooks, answers, cached: false });
  for (const [row, list] of ranked.entries())
    for (const [i, { score }] of list.entries())
      expect(Math.abs(score - anew[row]![i]!.score)).toBeLessThan(1e-5);
  model.dispose();
});

it('stops between the parts of a prompt', async () => {
  class LongModel extends FormulaModel {
    override readonly config = { ...new FormulaModel(1, 0).config, maxPositions: 5000 };
  }
  const model = new LongModel(1, 0);
  const before = device.memory().allocated;
  const controller = new AbortController();
  const hooks = (): HookList => {
    if (model.calls.length === 2) controller.abort(new Error('enough'));
    return [];
  };
  const prompts = [Array<number>(4000).fill(5)];
  const stopped = generate(model, { prompts, hooks, maxNewTokens: 3, signal: controller.signal });
  await expect(stopped).rejects.toThrow('enough');
  expect(model.calls.map(({ input }) => input.tokens)).toEqual([256, 256, 256]);
  expect(model.caches[0]!.isDisposed).toBe(true);
  expect(device.memory().allocated).toBe(before);
});
