import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type Tensor, tensor } from '../../core/tensor.js';
import { readSafetensors } from './read-safetensors.js';
import { readSafetensorsArrays } from './read-safetensors-arrays.js';
import { writeSafetensors } from './write-safetensors.js';

const folder = mkdtempSync(join(tmpdir(), 'ocelli-write-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'written.safetensors');

describe('writeSafetensors', () => {
  const checkpoints = new URL('../../../../backbones/test/fixtures/', import.meta.url);
  const names = readdirSync(checkpoints, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /model.*\.safetensors$/.test(name),
  );

  it.each(names)('writes %s again with the bytes that Python wrote', async (name) => {
    const original = new URL(name, checkpoints).pathname;
    const opened = readSafetensors(original);
    const tensors = new Map<string, Tensor>();
    for (const [tensorName, { dtype }] of [...opened.tensors].reverse()) {
      const half = dtype === 'bfloat16' || dtype === 'float16';
      tensors.set(tensorName, opened.load(tensorName, half ? { dtype } : {}));
    }
    await writeSafetensors(path, tensors, { metadata: opened.metadata });
    expect(readFileSync(path).equals(readFileSync(original))).toBe(true);
  });

  it('writes every type, wide ones first, every tensor aligned', async () => {
    const tensors = new Map([
      ['u', tensor(new Uint8Array([1, 2, 3]))],
      ['h', tensor(new Uint16Array([0x3c00]), [1, 1], 'float16')],
      ['i', tensor(new Int32Array([-5]))],
      ['b', tensor(new Uint16Array([0x3f80]), [1], 'bfloat16')],
      ['é', tensor([1.5, 2.5])],
      ['empty', tensor([], [0, 4])],
      ['scalar', tensor([7], [])],
    ]);
    await writeSafetensors(path, tensors);
    const stored = [...readSafetensors(path).tensors];
    expect(stored.map(([name]) => name)).toEqual(['empty', 'scalar', 'é', 'i', 'b', 'h', 'u']);
    expect(stored[0]![1].begin % 8).toBe(0);
    const arrays = readSafetensorsArrays(path);
    expect(arrays.get('é')).toEqual({ dtype: 'float32', shape: [2], data: new Float32Array([1.5, 2.5]) });
    expect(arrays.get('scalar')).toEqual({ dtype: 'float32', shape: [], data: new Float32Array([7]) });
    expect(arrays.get('empty')).toEqual({ dtype: 'float32', shape: [0, 4], data: new Float32Array(0) });
    expect(arrays.get('i')).toEqual({ dtype: 'int32', shape: [1], data: new Int32Array([-5]) });
    expect(arrays.get('u')!.data).toEqual(new Uint8Array([1, 2, 3]));
    expect(arrays.get('b')).toEqual({ dtype: 'bfloat16', shape: [1], data: new Float32Array([1]) });
    expect(arrays.get('h')).toEqual({ dtype: 'float16', shape: [1, 1], data: new Float32Array([1]) });
  });

  it('converts floats where asked to, and integers never', async () => {
    const tensors = new Map([
      ['x', tensor([1, 1 / 3, 1e5])],
      ['i', tensor(new Int32Array([70_000]))],
    ]);
    await writeSafetensors(path, tensors, { dtype: 'bfloat16' });
    expect(readSafetensorsArrays(path).get('x')).toEqual({
      dtype: 'bfloat16',
      shape: [3],
      data: new Float32Array([1, 0.333984375, 99840]),
    });
    expect(readSafetensorsArrays(path).get('i')!.data).toEqual(new Int32Array([70_000]));
    await writeSafetensors(path, tensors, { dtype: 'float16' });
    expect(readSafetensorsArrays(path).get('x')!.data).toEqual(
      new Float32Array([1, 0.333251953125, Infinity]),
    );
  });

  it('writes the values at the time of the call', async () => {
    const x = tensor([1, 2]);
    const written = writeSafetensors(path, new Map([['x', x]]));
    x.write(new Float32Array([3, 4]));
    x.dispose();
    await written;
    expect(readSafetensorsArrays(path).get('x')!.data).toEqual(new Float32Array([1, 2]));
  });

  it('keeps the old file and leaves no temporary one when it fails', async () => {
    const target = join(folder, 'taken');
    mkdirSync(target);
    writeFileSync(join(target, 'inside'), '');
    await expect(writeSafetensors(target, new Map([['x', tensor([1])]]))).rejects.toThrow(
      /taken: cannot be written \(/,
    );
    await expect(writeSafetensors(join(folder, 'absent', 'x'), new Map())).rejects.toThrow(
      /cannot be written \(ENOENT/,
    );
    await expect(writeSafetensors(path, new Map([['__metadata__', tensor([1])]]))).rejects.toThrow(
      /name is reserved/,
    );
    const disposed = tensor([1]);
    disposed.dispose();
    await expect(writeSafetensors(path, new Map([['x', disposed]]))).rejects.toThrow(/has been freed/);
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it('writes a file without tensors', async () => {
    await writeSafetensors(path, new Map(), { metadata: { b: '2', a: 'ä "quoted"' } });
    const { tensors, metadata } = readSafetensors(path);
    expect(tensors.size).toBe(0);
    expect(Object.entries(metadata)).toEqual([
      ['a', 'ä "quoted"'],
      ['b', '2'],
    ]);
  });
});
