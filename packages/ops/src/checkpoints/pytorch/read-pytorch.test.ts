import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { readSafetensors } from '../safetensors/read-safetensors.js';
import type { TensorSource } from '../tensor-source.js';
import { PickledName, type PickledRecord, type PickledValue } from './pickled-value.js';
import { type PyTorchFile, readPyTorch } from './read-pytorch.js';

const fixtures = fileURLToPath(new URL('../../../test/fixtures/checkpoints/', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'ocelli-pytorch-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Every tensor of `expected` has the same type, shape and elements in `actual`. */
async function expectSame(actual: TensorSource, expected: TensorSource): Promise<void> {
  for (const [name, { dtype, shape }] of expected.tensors) {
    expect(actual.tensors.get(name), name).toMatchObject({ dtype, shape });
    if (dtype === 'int16' || dtype === 'int8') continue; // no type of the device
    using ours = actual.load(name);
    using theirs = expected.load(name);
    expect(await ours.data(), name).toEqual(await theirs.data());
  }
}

describe.each(['views.pth', 'views-sequence.pth', 'views-newer.pth'])('readPyTorch of %s', (name) => {
  const file = readPyTorch(join(fixtures, name));
  const expected = readSafetensors(join(fixtures, 'views.safetensors'));

  it('gives what PyTorch saved, of every type, through offsets and strides', async () => {
    await expectSame(file, expected);
    const newer = name === 'views-newer.pth' ? ['uint16', 'float8'] : [];
    expect([...file.tensors.keys()].sort()).toEqual([...expected.tensors.keys(), ...newer].sort());
    expect(file.tensors.get('columns')!.strides).toEqual([8, 1]);
    expect(file.tensors.get('rows')!.strides).toBeUndefined();
    expect(file.identity('tied')).toBe(file.identity('base'));
    expect(file.identity('rows')).not.toBe(file.identity('base'));
  });

  it('loads rows alone', async () => {
    for (const view of ['base', 'transposed', 'permuted', 'every_second', 'bfloat16_transposed']) {
      using whole = file.load(view);
      using rows = file.load(view, { rows: [1, 3] });
      const width = whole.size / whole.shape[0]!;
      expect(rows.shape).toEqual([2, ...whole.shape.slice(1)]);
      expect(await rows.data()).toEqual((await whole.data()).slice(width, 3 * width));
    }
    expect(() => file.load('base', { rows: [3, 7] })).toThrow(
      /tensor "base": rows 3 to 7 do not exist; the shape is \[6, 8\]/,
    );
  });
});

describe('a training checkpoint', () => {
  it.each(['checkpoint_best.pth', 'checkpoint-sequence.pth'])('%s is read as data', async (name) => {
    const file = readPyTorch(join(fixtures, name));
    await expectSame(file, readSafetensors(join(fixtures, 'checkpoint.safetensors')));
    const root = file.value as Map<string, PickledValue>;
    expect(root.get('epoch')).toBe(7);
    expect(root.get('best_valid')).toBe(52.77);
    expect(root.get('best_epoch')).toBe(2 ** 40);
    expect(root.get('large')).toBe(2n ** 70n);
    expect(root.get('raw')).toEqual(Uint8Array.of(0, 255, ...Buffer.from('bytes')));
    expect(root.get('dtype')).toEqual(new PickledName('torch.float32'));
    expect(root.get('device')).toEqual(new PickledName('cuda:1'));
    expect(root.get('shape')).toEqual([2, 3]);
    expect(root.get('metrics')).toEqual(new Map([['overall', 50.5]]));
    const args = root.get('args') as PickledRecord;
    expect(args.className).toBe('argparse.Namespace');
    expect(args.fields.get('seed')).toBe(42);
    expect(args.fields.get('gpus')).toEqual(new Set([0, 1]));
    const config = file.select('config').value as Map<string, PickledValue>;
    expect(config.get('layers')).toEqual([19, 31]);
    expect(config.get('optimizer')).toEqual(
      new Map<string, PickledValue>([
        ['opt', 'adamW'],
        ['lr', 2e-5],
      ]),
    );
  });

  it('gives a part of it, named from there', async () => {
    const file = readPyTorch(join(fixtures, 'checkpoint_best.pth'));
    const model: PyTorchFile = file.select('model');
    expect([...model.tensors.keys()]).toEqual([
      'connector.0.weight',
      'connector.0.bias',
      'connector.1.weight',
      'connector.1.bias',
      'prompt_module.prefix_embedding.0.weight',
    ]);
    using bias = model.load('connector.0.bias');
    using same = file.load('model.connector.0.bias');
    expect(await bias.data()).toEqual(await same.data());
    expect([...file.select('args').tensors.keys()]).toEqual([]);
    expect(file.select('args', 'seed').value).toBe(42);
    expect(() => file.select('model', 'head')).toThrow(
      /checkpoint_best.pth: has nothing under "model.head"; the keys there are connector.0.weight, /,
    );
  });
});

describe('a damaged file', () => {
  const path = join(folder, 'damaged.pth');

  it.each(['views.pth', 'views-sequence.pth'])('%s is refused wherever it is cut', (name) => {
    const intact = readFileSync(join(fixtures, name));
    for (let bytes = 0; bytes < intact.length; bytes += 7) {
      writeFileSync(path, intact.subarray(0, bytes));
      expect(() => readPyTorch(path), `${bytes} bytes`).toThrow(`[pytorch] ${path}`);
    }
  });

  it('is refused where it is big-endian', () => {
    const bytes = readFileSync(join(fixtures, 'views.pth'));
    const at = bytes.indexOf('little');
    bytes.write('bigbig', at);
    writeFileSync(path, bytes);
    expect(() => readPyTorch(path)).toThrow(/was written by a big-endian machine/);
  });
});
