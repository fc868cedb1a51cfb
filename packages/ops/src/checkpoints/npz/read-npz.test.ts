import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deflateRawSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { type ZipMember, zipBytes } from '../../../test/zip-bytes.js';
import { readSafetensors } from '../safetensors/read-safetensors.js';
import { readNpz } from './read-npz.js';

const fixtures = fileURLToPath(new URL('../../../test/fixtures/checkpoints/', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'ocelli-npz-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'case.npz');

function npy(header: string, data: Uint8Array = new Uint8Array(), version = 1): Buffer {
  const text = Buffer.from(header);
  const start = Buffer.alloc(version === 1 ? 10 : 12);
  start.write('\x93NUMPY', 'latin1');
  start[6] = version;
  if (version === 1) start.writeUInt16LE(text.length, 8);
  else start.writeUInt32LE(text.length, 8);
  return Buffer.concat([start, text, data]);
}

const write = (...members: ZipMember[]) => writeFileSync(path, zipBytes(members));
const array = (data: Buffer): ZipMember => ({ name: 'a.npy', data });

describe('readNpz', () => {
  it.each(['arrays.npz', 'arrays-compressed.npz'])('%s holds what NumPy saved', async (name) => {
    const file = readNpz(join(fixtures, name));
    const expected = readSafetensors(join(fixtures, 'arrays.safetensors'));
    for (const [tensor, { dtype, shape }] of expected.tensors) {
      expect(file.tensors.get(tensor), tensor).toMatchObject({ dtype, shape });
      if (['int16', 'int8', 'uint16'].includes(dtype)) continue; // no type of the device
      using ours = file.load(tensor);
      using theirs = expected.load(tensor);
      expect(await ours.data(), tensor).toEqual(await theirs.data());
      if (shape.length < 2 || shape[0]! < 3) continue;
      using rows = file.load(tensor, { rows: [1, 3] });
      const width = theirs.size / shape[0]!;
      expect(await rows.data(), tensor).toEqual((await theirs.data()).slice(width, 3 * width));
    }
    expect(file.tensors.get('fortran')!.strides).toEqual([1, 3, 12]);
  });

  it('reads headers of version 2, of old Python and without padding', () => {
    write(
      {
        name: 'long.npy',
        data: npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1L,), }\n", new Uint8Array(4), 2),
      },
      {
        name: 'tight.npy',
        data: npy("{'descr':'<i4','fortran_order':True,'shape':(2,1)}\n", new Uint8Array(8)),
      },
      { name: 'notes.txt', data: Buffer.from('no array') },
    );
    const { tensors } = readNpz(path);
    expect([...tensors.keys()]).toEqual(['long', 'tight']);
    expect(tensors.get('tight')!.strides).toBeUndefined();
  });

  it.each<[string, Buffer, RegExp]>([
    [
      'an object array',
      npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }\n"),
      /"a.npy": has elements \|O; only/,
    ],
    ['text', npy("{'descr': '<U5', 'fortran_order': False, 'shape': (1,), }\n"), /has elements <U5/],
    [
      'big-endian numbers',
      npy("{'descr': '>f4', 'fortran_order': False, 'shape': (1,), }\n"),
      /has elements >f4/,
    ],
    [
      'a record type',
      npy("{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (1,), }\n"),
      /has the header/,
    ],
    [
      'code',
      npy("{'descr': __import__('os'), 'fortran_order': False, 'shape': (1,), }\n"),
      /is not that of a plain numeric/,
    ],
    [
      'a negative extent',
      npy("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }\n"),
      /has the header/,
    ],
    [
      'an impossible size',
      npy(`{'descr': '<f4', 'fortran_order': False, 'shape': (${'999999999999999, '.repeat(20)}), }\n`),
      /takes .* bytes/,
    ],
    [
      'too few numbers',
      npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }\n", new Uint8Array(4)),
      /takes 8 bytes, but 4 follow/,
    ],
    [
      'many axes',
      npy(`{'descr': '<f4', 'fortran_order': False, 'shape': (${'1, '.repeat(65)}), }\n`, new Uint8Array(4)),
      /has 65 axes/,
    ],
    ['a long header', npy(`{${' '.repeat(20_000)}`), /claims a header of 20011 bytes/],
    ['another version', npy('', new Uint8Array(), 9), /is of .npy version 9/],
    ['no array', Buffer.from('hello, world'), /does not begin with/],
    ['nothing', Buffer.alloc(0), /does not begin with/],
  ])('refuses %s', (_, data, message) => {
    for (const method of [0, 8]) {
      write({ ...array(data), method });
      expect(() => readNpz(path)).toThrow(message);
      expect(() => readNpz(path)).toThrow(`[npz] ${path}`);
    }
  });

  it('refuses what the archive itself makes impossible', () => {
    const good = npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }\n", new Uint8Array(4));
    write(array(good), array(good));
    expect(() => readNpz(path)).toThrow(/tensor "a.npy": the zip archive has this name twice/);
    write({ ...array(good), claims: { bytes: 2 ** 31 }, method: 8 });
    expect(() => readNpz(path)).toThrow(/claims 2147483648 bytes from \d+ in the zip archive/);
    write({ ...array(good), claims: { packed: 5 } });
    expect(() => readNpz(path)).toThrow(/claims \d+ bytes from 5/);
    write({ ...array(good), method: 12 });
    expect(() => readNpz(path)).toThrow(/is compressed by method 12/);
    write({ ...array(good), flags: 1 });
    expect(() => readNpz(path)).toThrow(/is encrypted/);
    write(array(good), { name: 'b.npy', data: good, claims: { header: 0 } });
    expect(() => readNpz(path)).toThrow(/its bytes in the zip archive end at \d+, but the next begin at 0/);
    writeFileSync(path, 'PK');
    expect(() => readNpz(path)).toThrow(/has no zip directory at its end/);
  });

  it('refuses a bomb: a member that inflates to other bytes than it says', () => {
    const header = npy("{'descr': '|u1', 'fortran_order': False, 'shape': (1000,), }\n");
    const bomb = deflateRawSync(Buffer.concat([header, Buffer.alloc(50_000_000)]));
    write({ name: 'a.npy', data: Buffer.concat([header, Buffer.alloc(1000)]), method: 8, packed: bomb });
    expect(() => readNpz(path).load('a')).toThrow(/tensor "a": cannot be inflated/);
    write({
      name: 'a.npy',
      data: Buffer.concat([header, Buffer.alloc(1000)]),
      method: 8,
      claims: { crc32: 1 },
    });
    expect(() => readNpz(path).load('a')).toThrow(/inflates to other bytes than its checksum says/);
  });

  it('is refused wherever it is cut', () => {
    const intact = readFileSync(join(fixtures, 'arrays-compressed.npz'));
    for (let bytes = 0; bytes < intact.length; bytes += 7) {
      writeFileSync(path, intact.subarray(0, bytes));
      expect(() => readNpz(path), `${bytes} bytes`).toThrow(`[npz] ${path}`);
    }
  });
});
