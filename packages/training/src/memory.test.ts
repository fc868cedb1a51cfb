// Memory of the real trainer on a small eP-ALM: nothing is asked of the system once a step has run, and the plan is right.
import { createAdapter } from '@ocelli/adapters';
import { initialWeights, OptModel, parseOptConfig, type RecomputedLayers } from '@ocelli/backbones';
import { device, normal, Random, tensor } from '@ocelli/ops';
import { expect, it } from 'vitest';
import { ImageTextTask } from './image-text-task.js';
import { planStep } from './plan-step.js';
import { train } from './trainer.js';

const random = new Random(1);
const [layers, batchSize, words] = [4, 8, 12];
const featureShape = [2, 1, 24];
const languageModel = new OptModel(
  parseOptConfig(
    {
      model_type: 'opt',
      ffn_dim: 256,
      hidden_size: 64,
      max_position_embeddings: 32,
      num_attention_heads: 4,
      num_hidden_layers: layers,
      vocab_size: 300,
    },
    'test',
  ),
  initialWeights(random, (_, shape, stream) => normal(stream, shape, 0.05)),
  'test',
);
const tokenizer = {
  encode: (text: string) => text.split(' ').map(Number),
  idOf: () => 4,
};

function makeTask(method: string, config: object, recompute?: RecomputedLayers): ImageTextTask {
  const adapter = createAdapter(method, config, {
    languageModel: languageModel.config,
    encoder: {
      modality: 'image',
      inputName: 'pixel_values',
      inputShape: [3, 8, 8],
      layers: 4,
      width: 24,
      tokens: 5,
      hasClassToken: true,
    },
    random: new Random(2),
  });
  const feature = (item: number): number[] => Array.from({ length: 48 }, (_, i) => Math.sin(item + i));
  return new ImageTextTask({
    examples: Array.from({ length: 40 }, (_, item) => ({
      prompt: Array.from({ length: 4 }, (_, i) => 10 + ((item * 7 + i) % 200)).join(' '),
      target: Array.from({ length: words - 4 }, (_, i) => 20 + ((item * 5 + i) % 200)).join(' '),
      item,
    })),
    features: async (items) =>
      adapter.features.layers === 2
        ? tensor(items.flatMap(feature), [items.length, ...featureShape])
        : tensor(
            items.flatMap((item) => feature(item).slice(0, 24)),
            [items.length, 1, 1, 24],
          ),
    languageModel,
    tokenizer,
    adapter,
    ...(recompute ? { recompute } : {}),
  });
}

const epalm = { features: 2, startLayer: 1, endLayer: 3 };

it('asks the system for nothing after the second step, copies to the device among it', async () => {
  const allocations: number[] = [];
  await train({
    task: makeTask('epalm', epalm),
    steps: 22,
    batchSize,
    clipNorm: 1,
    learningRate: 1e-2,
    onStep: () => void allocations.push(device.memory().systemAllocations),
  });
  expect(allocations).toHaveLength(22);
  expect(allocations[0]).toBeGreaterThan(0);
  expect(allocations.slice(2)).toEqual(allocations.slice(2).fill(allocations[1]!));
});

it.each([
  ['epalm', epalm, undefined],
  ['epalm', epalm, 'all' as const],
  ['epalm', { ...epalm, prompt: { length: 0 } }, undefined],
  ['limber', {}, new Set([0, 2])],
  ['magma', { attention: true }, undefined],
  ['magma', { attention: true }, 'all' as const],
])(
  'the plan of %s %o with recomputed blocks %s is what the device holds at its peak',
  async (method, config, recompute) => {
    const task = makeTask(method, config, recompute);
    const plan = planStep(task, batchSize, [method === 'epalm' ? 2 : 1, 1, 24]);
    const parts = [plan.before, plan.moments, plan.gradients, plan.features, ...plan.layers, plan.inFlight];
    expect(plan.peak).toBeGreaterThanOrEqual(parts.reduce((sum, bytes) => sum + bytes, 0) - plan.gradients);
    const before = device.memory().allocated;
    await device.emptyCache();
    device.resetPeakMemory();
    await train({ task, steps: 3, batchSize, learningRate: 1e-2 });
    const measured = device.memory().peak - before;
    const planned = plan.peak - plan.before;
    expect(Math.abs(planned - measured)).toBeLessThan(0.1 * measured);
  },
);
