import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { type Tensor, tensor } from '../core/tensor.js';
import { openCheckpoint } from './open-checkpoint.js';
import { writeSafetensors } from './safetensors/write-safetensors.js';

const fixtures = fileURLToPath(new URL('../../test/fixtures/checkpoints/', import.meta.url));
let folder: string;
const folders: string[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ocelli-checkpoint-'));
  folders.push(folder);
});
afterAll(() => {
  for (const made of folders) rmSync(made, { recursive: true });
});

const write = (name: string, tensors: Record<string, Tensor>) =>
  writeSafetensors(join(folder, name), new Map(Object.entries(tensors)), { metadata: { format: 'pt' } });
const writeIndex = (value: unknown) =>
  writeFileSync(join(folder, 'model.safetensors.index.json'), JSON.stringify(value));

describe('openCheckpoint', () => {
  it('reads one file', async () => {
    await write('model.safetensors', { a: tensor([1, 2]) });
    const checkpoint = openCheckpoint(folder);
    expect(Array.from(await checkpoint.load('a').data())).toEqual([1, 2]);
    expect([checkpoint.files, checkpoint.has('b'), checkpoint.shape('a')]).toEqual([
      [join(folder, 'model.safetensors')],
      false,
      [2],
    ]);
  });

  it('reads shards as one map', async () => {
    await write('model-1.safetensors', { a: tensor([1]), c: tensor([3]) });
    await write('model-2.safetensors', { b: tensor([2]) });
    writeIndex({
      metadata: {},
      weight_map: { a: 'model-1.safetensors', b: 'model-2.safetensors', c: 'model-1.safetensors' },
    });
    const checkpoint = openCheckpoint(folder);
    expect([...checkpoint.tensors.keys()]).toEqual(['a', 'b', 'c']);
    expect(checkpoint.metadata).toEqual({ format: 'pt' });
    expect(checkpoint.files).toEqual(
      ['model-1.safetensors', 'model-2.safetensors'].map((name) => join(folder, name)),
    );
    expect(checkpoint.has('b') && !checkpoint.has('d')).toBe(true);
    expect(checkpoint.shape('b')).toEqual([1]);
    for (const [name, value] of Object.entries({ a: 1, b: 2, c: 3 })) {
      expect(await checkpoint.load(name).item()).toBe(value);
    }
    expect(() => checkpoint.load('d')).toThrow(
      `${folder}, tensor "d": no tensor of this name; the shards have 3 tensors: a, b, c`,
    );
  });

  it('names the shard or tensor that is missing', async () => {
    await write('model-1.safetensors', { a: tensor([1]) });
    writeIndex({ weight_map: { a: 'model-1.safetensors', b: 'model-2.safetensors' } });
    expect(() => openCheckpoint(folder)).toThrow(/tensor "b": is in model-2.safetensors, which is missing/);
    writeIndex({ weight_map: { a: 'model-1.safetensors', b: 'model-1.safetensors' } });
    expect(() => openCheckpoint(folder)).toThrow(
      /tensor "b": should be in model-1.safetensors, but that has 1 tensors: a/,
    );
  });

  it('reads nothing outside of the folder', () => {
    for (const fileName of ['../model.safetensors', '/etc/passwd', '..', 3]) {
      writeIndex({ weight_map: { a: fileName } });
      expect(() => openCheckpoint(folder)).toThrow(
        /tensor "a": .* is not the name of a file beside the index/,
      );
    }
  });

  it('refuses a broken index, and a folder without weights', () => {
    writeIndex([]);
    expect(() => openCheckpoint(folder)).toThrow(/has no weight_map/);
    writeFileSync(join(folder, 'model.safetensors.index.json'), '{');
    expect(() => openCheckpoint(folder)).toThrow(/cannot be read as JSON/);
    rmSync(join(folder, 'model.safetensors.index.json'));
    expect(() => openCheckpoint(folder)).toThrow(/has none of model.safetensors, .* give the folder/);
    writeFileSync(join(folder, 'pytorch_model.bin'), '');
    expect(() => openCheckpoint(folder)).toThrow(/pytorch_model.bin: is not a file of torch.save/);
    expect(() => openCheckpoint(join(folder, 'absent'))).toThrow(/the folder does not exist/);
  });

  it('prefers safetensors, then PyTorch, then the only other file', async () => {
    const from = (name: string) => readFileSync(join(fixtures, name));
    writeFileSync(join(folder, 'arrays.npz'), from('arrays.npz'));
    expect(openCheckpoint(folder).shape('fortran')).toEqual([3, 4, 2]);
    writeFileSync(join(folder, 'checkpoint_best.pth'), from('checkpoint_best.pth'));
    expect(() => openCheckpoint(folder)).toThrow(/has arrays.npz, checkpoint_best.pth; give the path of one/);
    expect(openCheckpoint(join(folder, 'arrays.npz')).has('fortran')).toBe(true);
    expect(openCheckpoint(join(folder, 'checkpoint_best.pth')).shape('model.connector.0.bias')).toEqual([6]);
    writeFileSync(join(folder, 'pytorch_model.bin'), from('views-sequence.pth'));
    expect(openCheckpoint(folder).has('transposed')).toBe(true);
    await write('model.safetensors', { a: tensor([1]) });
    expect([...openCheckpoint(folder).tensors.keys()]).toEqual(['a']);
  });

  it('tells a file without a known ending by its first bytes', () => {
    for (const name of ['views.pth', 'views-sequence.pth', 'views.safetensors']) {
      writeFileSync(join(folder, 'weights'), readFileSync(join(fixtures, name)));
      expect(openCheckpoint(join(folder, 'weights')).shape('base'), name).toEqual([6, 8]);
    }
  });

  it('identifies a tensor by its file, its state and its place', async () => {
    await write('model.safetensors', { a: tensor([1]), b: tensor([2]) });
    const before = openCheckpoint(folder);
    expect(before.identity('a')).toBe(openCheckpoint(join(folder, 'model.safetensors')).identity('a'));
    expect(before.identity('a')).not.toBe(before.identity('b'));
    await write('model.safetensors', { a: tensor([3]), b: tensor([4]) });
    expect(openCheckpoint(folder).identity('a')).not.toBe(before.identity('a'));
  });
});
