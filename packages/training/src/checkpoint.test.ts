import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSafetensorsArrays, tensor } from '@ocelli/ops';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CheckpointState, latestCheckpoint, removeLeftovers, writeCheckpoint } from './checkpoint.js';
import { restoreTensors } from './restore-tensors.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ocelli-checkpoint-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function state(step: number): CheckpointState {
  return {
    step,
    order: { position: 2 * step, length: 10, batchSize: 2, seed: 1, windowBatches: null, dropLast: false },
    random: { seed: 1 },
    gradient_accumulation: 2,
    optimizer_steps: { weight: step },
    metrics: { examples: 4 * step, loss: 1 / 3, seconds: 0.1 },
  };
}

async function write(step: number): Promise<string> {
  const parameters = new Map([['weight', tensor([step, 0.1, -0.2], [3, 1])]]);
  return writeCheckpoint(root, state(step), {
    parameters,
    optimizer: new Map([['first.weight', tensor([1, 2])]]),
  });
}

describe('checkpoints', () => {
  it('come back as they were', async () => {
    const directory = await write(7);
    expect(directory).toBe(join(root, 'step-000007'));
    const checkpoint = latestCheckpoint(root)!;
    expect(checkpoint.directory).toBe(directory);
    expect(checkpoint.state).toEqual(state(7));
    expect(readSafetensorsArrays(checkpoint.files.parameters).get('weight')).toEqual({
      dtype: 'float32',
      shape: [3, 1],
      data: Float32Array.of(7, 0.1, -0.2),
    });
    expect([...readSafetensorsArrays(checkpoint.files.optimizer).keys()]).toEqual(['first.weight']);
  });

  it('are kept twice, in order of steps', async () => {
    for (const step of [999_998, 999_999, 1_000_000]) await write(step);
    expect(readdirSync(root).sort()).toEqual(['step-1000000', 'step-999999']);
    expect(latestCheckpoint(root)!.state.step).toBe(1_000_000);
  });

  it('replace one of the same step', async () => {
    await write(3);
    writeFileSync(join(root, 'step-000003', 'state.json'), 'junk');
    await write(3);
    expect(latestCheckpoint(root)!.state.step).toBe(3);
    expect(readdirSync(root)).toEqual(['step-000003']);
  });

  it.each<[string, (directory: string) => void]>([
    ['has no state', (directory) => rmSync(join(directory, 'state.json'))],
    ['has a state cut off', (directory) => truncateSync(join(directory, 'state.json'), 40)],
    ['lacks its tensors', (directory) => rmSync(join(directory, 'optimizer.safetensors'))],
    ['has tensors cut off', (directory) => truncateSync(join(directory, 'parameters.safetensors'), 70)],
  ])('are passed over if one %s', async (_, harm) => {
    await write(1);
    harm(await write(2));
    expect(latestCheckpoint(root)!.state.step).toBe(1);
  });

  it('are not what a killed run left', async () => {
    for (const name of ['.step-000009.part', '.step-000003.old', 'step-9', 'notes'])
      mkdirSync(join(root, name));
    expect(latestCheckpoint(root)).toBeNull();
    expect(latestCheckpoint(join(root, 'nowhere'))).toBeNull();
    await removeLeftovers(root);
    expect(readdirSync(root).sort()).toEqual(['notes', 'step-9']);
  });

  it('of another format are an error, not passed over', async () => {
    const path = join(await write(2), 'state.json');
    writeFileSync(path, readFileSync(path, 'utf8').replace('"format_version": 1', '"format_version": 2'));
    expect(() => latestCheckpoint(root)).toThrow(
      'is not a state that this version of Ocelli reads; use the version that wrote it',
    );
  });
});

describe('restoring tensors', () => {
  it('needs the same names and shapes', async () => {
    await write(5);
    const { parameters } = latestCheckpoint(root)!.files;
    const weight = tensor([0, 0, 0], [3, 1]);
    restoreTensors(parameters, new Map([['weight', weight]]));
    expect(await weight.data()).toEqual(Float32Array.of(5, 0.1, -0.2));
    expect(() => restoreTensors(parameters, new Map([['bias', weight]]))).toThrow(
      'lacks bias and has weight, which is not trained now; train the same adapter',
    );
    expect(() => restoreTensors(parameters, new Map([['weight', tensor([0, 0, 0])]]))).toThrow(
      'tensor "weight" is [3, 1], but the one that is trained is [3]',
    );
  });
});
