// Trains eP-ALM on tiny random backbones, for crash.test.ts, which kills it. Arguments: the checkpoint directory.
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createAdapter } from '@ocelli/adapters';
import { encodeFeatures, loadEncoder, loadLanguageModel } from '@ocelli/backbones';
import { normal, Random, scope } from '@ocelli/ops';
import { cosineSchedule, evaluateLoss, ImageTextTask, train } from '../src/index.js';

const checkpointDirectory = process.argv[2]!;
const backbone = (name: string): string =>
  fileURLToPath(new URL(`../../adapters/test/fixtures/backbones/${name}`, import.meta.url));
const languageModel = loadLanguageModel(backbone('opt'));
const encoder = loadEncoder(backbone('vit'));
const config = { features: 4, prompt: { length: 3, mlp: true } };
const adapter = createAdapter('epalm', config, {
  languageModel: languageModel.config,
  encoder: encoder.config,
  random: new Random(5),
});

const random = new Random(6);
const words = (count: number): string =>
  Array.from({ length: count }, () => 4 + random.integer(127)).join(' ');
const examples = Array.from({ length: 45 }, (_, item) => ({
  prompt: item % 3 === 0 ? '' : words(1 + random.integer(6)),
  target: words(1 + random.integer(4)),
  item,
}));

const task = new ImageTextTask({
  examples,
  languageModel,
  adapter,
  tokenizer: { encode: (text) => text.split(' ').map(Number), idOf: () => 130 },
  // Images are drawn anew each time, as augmentation would.
  features: async (items, context) =>
    scope(() => encodeFeatures(encoder, normal(context.random, [items.length, 3, 24, 24]), adapter.features)),
});

await train({
  task,
  steps: 40,
  batchSize: 4,
  gradientAccumulation: 2,
  learningRate: { projection: 1e-3, prompt: 5e-3 },
  weightDecay: 0.02,
  clipNorm: 1,
  schedule: cosineSchedule({ steps: 40, warmupSteps: 4 }),
  seed: 9,
  similarLengths: true,
  checkpointDirectory,
  checkpointEvery: 3,
  resume: true,
  evaluate: { every: 10, run: async () => ({ loss: await evaluateLoss(task, 16) }) },
  onStep: async ({ step }) => {
    process.stdout.write(`step ${step}\n`);
    await wait(5);
  },
});
