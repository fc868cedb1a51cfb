// The whole of eP-ALM on the CUDA device against the processor's, through the same API: pictures, features, three steps of
// training with clipped gradients, and greedy decoding with the trained adapter. The CUDA kernels, and the code that
// launches them, run in the executor (`cuda-emulated`); skipped where that is not built (native/build.mjs --emulated).
import { fileURLToPath } from 'node:url';
import { createAdapter } from '@ocelli/adapters';
import { encodeFeatures, generate, loadEncoder, loadLanguageModel } from '@ocelli/backbones';
import { device, gatherRows, keep, normal, Random, scope, tensor, type WeightType } from '@ocelli/ops';
import { afterAll, describe, expect, it } from 'vitest';
import { ImageTextTask } from '../src/image-text-task.js';
import { train } from '../src/trainer.js';

type DeviceName = typeof device.name;
const before = device.name;

function isThere(name: DeviceName): boolean {
  try {
    device.use(name);
    return true;
  } catch {
    return false;
  } finally {
    device.use(before);
  }
}
afterAll(() => device.use(before));

const folder = (name: string): string =>
  fileURLToPath(new URL(`../../adapters/test/fixtures/backbones/${name}`, import.meta.url));

/** Words are numbers and stand for themselves. */
const tokenizer = { encode: (text: string) => text.split(/\s+/).map(Number), idOf: () => 130 };
const examples = [
  { prompt: '10 11', target: '20 21 22', item: 0 },
  { prompt: '', target: '30 31 32 33 34', item: 1 },
  { prompt: '40 41 42 43', target: '50', item: 2 },
  { prompt: '17', target: '60 61', item: 1 },
];
const prompts = [
  [2, 10, 11, 130],
  [2, 130],
  [2, 40, 41, 42, 43, 130],
];
const learningRate = 1e-3;
const steps = 3;

interface Outcome {
  readonly features: Float32Array;
  readonly losses: number[];
  readonly scales: number[];
  readonly parameters: ReadonlyMap<string, Float32Array>;
  readonly answers: number[][];
}

/** Everything on one device, with the backbones' weights in one type. */
async function run(name: DeviceName, dtype: WeightType): Promise<Outcome> {
  device.use(name);
  const languageModel = loadLanguageModel(folder('opt'), { dtype });
  const encoder = loadEncoder(folder('vit'), { dtype });
  const config = { features: 4, prompt: { length: 3, mlp: true } };
  const context = { languageModel: languageModel.config, encoder: encoder.config, random: new Random(1) };
  const adapter = createAdapter('epalm', config, context);
  const features = scope(() => {
    const pictures = normal(new Random(2), [3, 3, 24, 24]);
    return keep(encodeFeatures(encoder, pictures, adapter.features));
  });
  const task = new ImageTextTask({
    examples,
    features: async (items) => gatherRows(features, tensor(Int32Array.from(items))),
    languageModel,
    tokenizer,
    adapter,
  });
  const losses: number[] = [];
  const scales: number[] = [];
  await train({
    task,
    steps,
    batchSize: 4,
    learningRate,
    weightDecay: 0.1,
    clipNorm: 0.5,
    seed: 5,
    onStep: ({ loss, gradientScale }) => {
      losses.push(loss);
      scales.push(gradientScale!);
    },
  });
  const parameters = new Map<string, Float32Array>();
  for (const [parameter, { tensor: values }] of adapter.parameters)
    parameters.set(parameter, await values.data());
  const sequences = await generate(languageModel, {
    prompts,
    maxNewTokens: 6,
    hooks: (rows) => adapter.hooks(gatherRows(features, tensor(rows))),
  });
  const outcome = {
    features: await features.data(),
    losses,
    scales,
    parameters,
    answers: sequences.map(({ ids }) => [...ids]),
  };
  for (const each of [features, languageModel, encoder]) each.dispose();
  return outcome;
}

/** The largest difference as a share of the largest value. */
function difference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(actual.length).toBe(expected.length);
  const apart = Array.from(expected, (value, i) => Math.abs(actual[i]! - value));
  return Math.max(...apart) / Math.max(...Array.from(expected, Math.abs));
}

describe.skipIf(!isThere('cuda-emulated'))('eP-ALM on cuda-emulated', () => {
  // float32: both sum in float32, in other orders; a loss is a mean of some twenty numbers after six layers.
  // bfloat16: what is multiplied may be rounded to 8 bits on one side and not on the other.
  it.each([
    ['float32', 1e-4],
    ['bfloat16', 2e-2],
  ] as const)(
    'trains and decodes as on the processor, %s',
    async (dtype, tolerance) => {
      const expected = await run('cpu', dtype);
      const actual = await run('cuda-emulated', dtype);
      expect(difference(actual.features, expected.features), 'features').toBeLessThan(tolerance);
      expect(difference(actual.losses, expected.losses), 'losses').toBeLessThan(tolerance);
      expect(difference(actual.scales, expected.scales), 'scales').toBeLessThan(tolerance);
      expect(expected.losses.length).toBe(steps);
      expect(expected.scales.some((scale) => scale < 1)).toBe(true); // clipping is in it
      expect([...actual.parameters.keys()]).toEqual([...expected.parameters.keys()]);
      for (const [name, values] of expected.parameters) {
        const ours = actual.parameters.get(name)!;
        // AdamW moves a parameter by up to the learning rate, whatever its gradient: one near zero has the sign of its
        // rounding. Such are few.
        const apart = Array.from(values, (value, i) => Math.abs(ours[i]! - value));
        expect(Math.max(...apart), name).toBeLessThanOrEqual(2 * steps * learningRate);
        const scale = Math.max(...Array.from(values, Math.abs));
        const far = apart.filter((error) => error > tolerance * Math.max(scale, learningRate));
        expect(far.length / apart.length, `${name}: how many differ`).toBeLessThan(0.01);
      }
      expect(actual.answers).toEqual(expected.answers);
      expect(new Set(actual.answers.flat()).size).toBeGreaterThan(1);
    },
    240_000,
  );
});
