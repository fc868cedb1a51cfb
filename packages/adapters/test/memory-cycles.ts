// Run by memory.test.ts in a process of its own, with --expose-gc: loads backbones, trains an adapter for two steps and
// disposes everything, again and again, and prints resident memory and the allocator's counters after each tenth cycle.
import { loadEncoder, loadLanguageModel } from '@ocelli/backbones';
import { AdamW, backward, clipGradientNorm, device, Random, scope, tensor } from '@ocelli/ops';
import { createAdapter } from '../src/index.js';
import { fixturePath, randomFeatures, sentence, tokenBatch } from './support.js';

const cycles = Number(process.argv[2]);

async function cycle(seed: number): Promise<void> {
  const languageModel = loadLanguageModel(fixturePath('backbones', 'opt'));
  const encoder = loadEncoder(fixturePath('backbones', 'vit'));
  const random = new Random(seed);
  const adapter = createAdapter(
    'epalm',
    { features: 2, prompt: { length: 2, mlp: true } },
    { languageModel: languageModel.config, encoder: encoder.config, random },
  );
  const parameters = [...adapter.parameters.values()].map(({ tensor: parameter }) => parameter);
  const optimizer = new AdamW([{ parameters, learningRate: 1e-3 }]);
  const input = tokenBatch([sentence(random, 9), sentence(random, 7)]);
  const targets = new Int32Array(input.ids.length).fill(5);
  for (let step = 0; step < 2; step++) {
    scope(() => {
      const features = randomFeatures(adapter, encoder, 2, seed);
      backward(languageModel.loss({ input, hooks: adapter.hooks(features) }, tensor(targets)));
      optimizer.step({ gradientScale: clipGradientNorm(parameters, 1) });
      optimizer.zeroGradients();
    });
    await device.synchronize();
  }
  optimizer.dispose();
  adapter.dispose();
  languageModel.dispose();
  encoder.dispose();
}

for (let done = 1; done <= cycles; done++) {
  await cycle(done);
  if (done % 10 !== 0) continue;
  (globalThis as { gc?: () => void }).gc?.();
  const { allocated, systemAllocations } = device.memory();
  console.log(
    JSON.stringify({
      done,
      resident: process.memoryUsage().rss,
      heap: process.memoryUsage().heapUsed,
      allocated,
      systemAllocations,
    }),
  );
}
