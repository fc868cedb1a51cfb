import { fileURLToPath } from 'node:url';
import {
  AdamW,
  add,
  backward,
  crossEntropy,
  noGrad,
  normal,
  Random,
  reshape,
  scope,
  slice,
  type Tensor,
  tensor,
} from '@ocelli/ops';
import { afterAll, describe, expect, it } from 'vitest';
import { loadLanguageModel } from '../load.js';
import type { Hooks } from '../model/hooks.js';
import type { LanguageModelInput } from '../model/language-model.js';

const input = {
  batch: 2,
  tokens: 5,
  ids: Int32Array.of(2, 59, 58, 116, 7, 2, 9, 30, 1, 1),
  mask: Uint8Array.of(1, 1, 1, 1, 1, 1, 1, 1, 0, 0),
};
const targets = Int32Array.of(59, 58, 116, 7, -100, 9, 30, -100, -100, -100);

describe.each(['opt-pre-norm', 'opt-post-norm'])('the loss of %s', (name) => {
  const model = loadLanguageModel(fileURLToPath(new URL(`../../test/fixtures/${name}`, import.meta.url)));
  afterAll(() => model.dispose());
  const { config } = model;

  /** Reaches in everywhere from the last block on, where the head's input is made. */
  function hooksOf(shift: Tensor, headShift: Tensor): Hooks {
    return {
      override: (layer, sequence) =>
        layer === config.layers ? { ...sequence, hiddenStates: add(sequence.hiddenStates, shift) } : sequence,
      map: (site, _, x) => (site === 'final' ? add(x, headShift) : x),
      splice: () => normal(new Random(9), [input.batch, 2, config.embeddingWidth]),
    };
  }

  async function lossAndGradients(
    rows: Int32Array | null,
    lossOf: (call: LanguageModelInput, targets: Tensor) => Tensor,
  ): Promise<number[]> {
    using shift = normal(new Random(1), [config.width]).asParameter();
    using headShift = normal(new Random(2), [config.embeddingWidth]).asParameter();
    const wanted = tensor(rows ? rows.map((row) => targets[row]!) : targets);
    const loss = scope(() => {
      const hooks = [hooksOf(shift, headShift)];
      const result = lossOf({ input, hooks, ...(rows ? { logitRows: tensor(rows) } : {}) }, wanted);
      backward(result);
      return result;
    });
    return [await loss.item(), ...(await shift.grad!.data()), ...(await headShift.grad!.data())];
  }

  it.each([null, Int32Array.of(6, 1, 4)])(
    'is crossEntropy of the logits, with hooks at the head (rows %j)',
    async (rows) => {
      const expected = await lossAndGradients(rows, (call, wanted) =>
        crossEntropy(reshape(model.forward(call).logits, [-1, config.vocabularySize]), wanted),
      );
      const actual = await lossAndGradients(rows, (call, wanted) => model.loss(call, wanted));
      // Sums in another order.
      for (const [i, value] of expected.entries()) expect(actual[i]).toBeCloseTo(value, 5);
    },
  );

  it('counts only the rows that are asked for', async () => {
    const all = noGrad(() => model.loss({ input }, tensor(targets), { reduction: 'none' }));
    const rows = tensor(Int32Array.of(6));
    const one = noGrad(() =>
      model.loss({ input, logitRows: rows }, tensor(Int32Array.of(30)), { reduction: 'none' }),
    );
    expect(await one.data()).toEqual(await slice(all, 0, 6, 7).data());
  });
});

it('reads an unfrozen token table at the head, too', async () => {
  const folder = fileURLToPath(new URL('../../test/fixtures/opt-pre-norm', import.meta.url));
  const model = loadLanguageModel(folder);
  const logits = async (): Promise<Float32Array> => scope(() => model.forward({ input }).logits).data();
  const frozen = await logits();
  const name = 'model.decoder.embed_tokens.weight';
  const table = model.unfreeze([name]).get(name)!;
  expect(maximalDifference(await logits(), frozen)).toBeLessThan(1e-5);

  const loss = scope(() => {
    const result = model.loss({ input }, tensor(targets));
    backward(result);
    return result;
  });
  // A word that no text has: only the head gives it a gradient.
  const width = model.config.embeddingWidth;
  const unread = (await table.grad!.data()).slice(100 * width, 101 * width);
  expect(unread.every((value) => value !== 0)).toBe(true);
  const optimizer = new AdamW([{ parameters: [table], learningRate: 0.01 }]);
  optimizer.step();
  const after = scope(() => model.loss({ input }, tensor(targets)));
  expect(await after.item()).toBeLessThan(await loss.item());
  expect(await after.item()).toBeCloseTo(
    await scope(() => crossEntropy(flatLogits(model), tensor(targets))).item(),
    5,
  );
  model.dispose();
});

function flatLogits(model: ReturnType<typeof loadLanguageModel>): Tensor {
  const { logits } = model.forward({ input });
  return reshape(logits, [-1, model.config.vocabularySize]);
}

function maximalDifference(a: Float32Array, b: Float32Array): number {
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
}
