import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AdamW, backward, multiply, normal, Random, scope, sum, type Tensor } from '@ocelli/ops';
import { afterAll, expect, it } from 'vitest';
import { forgetCheckpoint, loadCheckpoint, saveCheckpoint, type TrainingState } from './checkpoint.js';

const folder = mkdtempSync(join(tmpdir(), 'ocelli-checkpoint-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'made', 'checkpoint.safetensors');

function start(): TrainingState {
  const parameters = new Map<string, Tensor>([
    ['matrix', normal(new Random(1), [3, 4]).asParameter()],
    ['vector', normal(new Random(2), [5]).asParameter()],
  ]);
  return {
    parameters,
    optimizer: new AdamW([{ parameters: [...parameters.values()], learningRate: 0.1 }]),
  };
}

function advance({ parameters, optimizer }: TrainingState, steps: number): void {
  for (let step = 0; step < steps; step++) {
    scope(() => {
      for (const parameter of parameters.values()) backward(sum(multiply(parameter, parameter)));
      optimizer.step();
      optimizer.zeroGradients();
    });
  }
}

it('continues to the bit as if it had not been interrupted', async () => {
  const whole = start();
  advance(whole, 5);

  const first = start();
  advance(first, 2);
  const progress = { steps: 2, seconds: 1.5, seen: 64 };
  await saveCheckpoint(path, first, progress);
  const second = start();
  expect(await loadCheckpoint(path, second)).toEqual(progress);
  advance(second, 3);

  for (const [name, parameter] of whole.parameters) {
    expect(await second.parameters.get(name)!.data()).toEqual(await parameter.data());
  }
});

it('is forgotten when the run is complete', async () => {
  await saveCheckpoint(path, start(), { steps: 1, seconds: 1, seen: 1 });
  forgetCheckpoint(path);
  expect((await loadCheckpoint(path, start())).steps).toBe(0);
  forgetCheckpoint(path);
});

it('starts at step 0 without a file', async () => {
  const progress = await loadCheckpoint(join(folder, 'none'), start());
  expect(progress).toEqual({ steps: 0, seconds: 0, seen: 0 });
});
