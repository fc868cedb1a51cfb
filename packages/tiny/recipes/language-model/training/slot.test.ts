import { type Hooks, OptModel, parseOptConfig } from '@ocelli/backbones';
import { normal, Random } from '@ocelli/ops';
import { expect, it } from 'vitest';
import { modelConfig } from '../model-config.js';
import { defaultOptions } from '../options.js';
import { padSequences } from './sequences.js';
import { slotHook, slotsOf } from './slot.js';

const options = {
  ...defaultOptions,
  layers: 3,
  width: 16,
  heads: 2,
  feedForwardWidth: 32,
  vocabularySize: 40,
};
const model = OptModel.initialize(parseOptConfig(modelConfig(options), 'the test'), new Random(3));
for (const [name, parameter] of model.namedParameters()) {
  // Larger than usual, so that what should differ differs.
  if (parameter.rank > 1) parameter.write(await normal(new Random(name.length), parameter.shape, 0.3).data());
}
const input = padSequences([
  [2, 11, 12, 13],
  [2, 14, 15],
]);
const slots = normal(new Random(5), [2, 1, 16]);

async function logitsWith(firstLayer: number): Promise<Float32Array> {
  return model.forward({ input, hooks: [slotHook(slots, firstLayer, 3)] }).logits.data();
}

it('is read by the text when it is put in below the top, and at the top not at all', async () => {
  const without = await model.forward({ input }).logits.data();
  expect(await logitsWith(3)).toEqual(without);
  for (const firstLayer of [0, 1, 2]) {
    const changed = await logitsWith(firstLayer);
    expect(Math.max(...changed.map((value, i) => Math.abs(value - without[i]!)))).toBeGreaterThan(1e-3);
  }
});

it('is put in anew in every layer: more than a soft prompt, unless one layer sees it', async () => {
  const spliced = await model.forward({ input, hooks: [{ splice: () => slots }] }).logits.data();
  const anew = await logitsWith(0);
  expect(Math.max(...anew.map((value, i) => Math.abs(value - spliced[i]!)))).toBeGreaterThan(1e-3);

  const shallow = OptModel.initialize(
    parseOptConfig(modelConfig({ ...options, layers: 1 }), 'the test'),
    new Random(4),
  );
  const logits = async (hook: Hooks) => shallow.forward({ input, hooks: [hook] }).logits.data();
  expect(await logits(slotHook(slots, 0, 1))).toEqual(await logits({ splice: () => slots }));
});

it('is the mean of the embeddings of its words, in any order, at unit variance', async () => {
  const contexts = [
    [20, 21],
    [22, 23, 24],
    [24, 22, 23],
  ];
  const values = await slotsOf(model, { contexts, contextOfText: [1, 0, 2] }).data();
  const table = await model.namedParameters().get('model.decoder.embed_tokens.weight')!.data();
  const mean = Array.from({ length: 16 }, (_, i) => (table[20 * 16 + i]! + table[21 * 16 + i]!) / 2);
  const centre = mean.reduce((a, b) => a + b) / 16;
  const deviation = Math.sqrt(mean.reduce((sum, value) => sum + (value - centre) ** 2, 0) / 16);
  for (let i = 0; i < 16; i++) {
    expect(values[16 + i]).toBeCloseTo((mean[i]! - centre) / deviation, 5);
    expect(values[i]).toBeCloseTo(values[32 + i]!, 5);
  }
});

it('with noise differs from draw to draw by the standard deviation that was asked for', async () => {
  const contexts = { contexts: [[20, 21, 2]], contextOfText: Array.from({ length: 200 }, () => 0) };
  const noisy = await slotsOf(model, contexts, { random: new Random(1), standardDeviation: 0.5 }).data();
  const clean = await slotsOf(model, contexts).data();
  const variance = noisy.reduce((sum, value, i) => sum + (value - clean[i]!) ** 2, 0) / noisy.length;
  // 3200 draws: four standard deviations of a sample variance are 10 %.
  expect(Math.abs(variance / 0.25 - 1)).toBeLessThan(0.1);
});
