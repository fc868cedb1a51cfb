import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { device } from '../../core/device.js';
import { OcelliError } from '../../core/errors.js';
import { tensor } from '../../core/tensor.js';
import { readSafetensors } from './read-safetensors.js';
import { readSafetensorsArrays } from './read-safetensors-arrays.js';

const folder = mkdtempSync(join(tmpdir(), 'ocelli-safetensors-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A file with this header and these bytes after it. */
function file(header: unknown, data: Uint8Array = new Uint8Array(), claimed?: bigint): string {
  const text = Buffer.isBuffer(header)
    ? header
    : Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(claimed ?? BigInt(text.length));
  const path = join(folder, 'case.safetensors');
  writeFileSync(path, Buffer.concat([size, text, data]));
  return path;
}

function bytesOf(array: ArrayBufferView): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

const entry = (dtype: string, shape: number[], begin: number, end: number) => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});

describe('readSafetensors', () => {
  it('reads names, types, shapes, places and metadata, in the order of the bytes', () => {
    const path = file(
      {
        b: entry('F32', [2], 4, 12),
        __metadata__: { format: 'pt' },
        a: entry('BF16', [2, 1], 0, 4),
        c: entry('I64', [0, 3], 12, 12),
      },
      new Uint8Array(12),
    );
    const { tensors, metadata } = readSafetensors(path);
    const begin = readFileSync(path).length - 12;
    expect([...tensors]).toEqual([
      ['a', { dtype: 'bfloat16', shape: [2, 1], begin, end: begin + 4 }],
      ['b', { dtype: 'float32', shape: [2], begin: begin + 4, end: begin + 12 }],
      ['c', { dtype: 'int64', shape: [0, 3], begin: begin + 12, end: begin + 12 }],
    ]);
    expect(metadata).toEqual({ format: 'pt' });
  });

  it.each<[string, unknown, number, RegExp]>([
    ['JSON', '{"a":', 0, /header is not valid JSON/],
    ['a header that is no object', '[]', 0, /does not begin with "\{"/],
    ['UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), 0, /header is not valid JSON/],
    ['an entry', { a: 3 }, 0, /tensor "a": its entry in the header is not an object/],
    ['the type', { a: entry('F33', [1], 0, 4) }, 4, /tensor "a": dtype "F33" is not one of F64, /],
    ['a missing type', { a: { shape: [1], data_offsets: [0, 4] } }, 4, /dtype \(missing\)/],
    ['a negative extent', { a: entry('F32', [-1], 0, 4) }, 4, /tensor "a": shape \[-1\] is not/],
    ['a broken extent', { a: entry('F32', [1.5], 0, 6) }, 6, /shape \[1.5\] is not/],
    [
      'an enormous extent',
      '{"a":{"dtype":"U8","shape":[1e300],"data_offsets":[0,1]}}',
      1,
      /shape \[1e\+300\] is not/,
    ],
    ['a negative offset', { a: entry('F32', [1], -4, 0) }, 4, /data_offsets \[-4, 0\]/],
    ['descending offsets', { a: entry('F32', [1], 4, 0) }, 4, /data_offsets \[4, 0\]/],
    [
      'three offsets',
      { a: { dtype: 'F32', shape: [1], data_offsets: [0, 4, 8] } },
      8,
      /data_offsets \[0, 4, 8\]/,
    ],
    [
      'the size',
      { a: entry('F32', [2, 2], 0, 12) },
      12,
      /"a": float32 \[2, 2\] takes 16 bytes, but data_offsets \[0, 12\] hold 12/,
    ],
    ['an overflowing size', { a: entry('F32', [2 ** 52, 2 ** 52, 2 ** 52], 0, 0) }, 0, /takes .* bytes/],
    [
      'a gap',
      { a: entry('U8', [2], 0, 2), b: entry('U8', [2], 3, 5) },
      5,
      /"b": its bytes begin at 3 .* ends at 2/,
    ],
    [
      'an overlap',
      { a: entry('U8', [2], 0, 2), b: entry('U8', [2], 1, 3) },
      3,
      /"b": its bytes begin at 1 .* ends at 2/,
    ],
    [
      'a file that is too short',
      { a: entry('U8', [9], 0, 9) },
      5,
      /"a": its bytes end at .* not written or copied completely/,
    ],
    ['bytes of no tensor', { a: entry('U8', [2], 0, 2) }, 5, /3 bytes after the last tensor belong to none/],
    [
      'a name twice',
      '{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"\\u0061":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}',
      0,
      /tensor "a": the header has this key twice/,
    ],
    [
      'a field twice',
      '{"a":{"dtype":"U8","dtype":"U8","shape":[0],"data_offsets":[0,0]}}',
      0,
      /"dtype": the header has this key twice/,
    ],
    ['metadata', { __metadata__: { n: 3 } }, 0, /__metadata__ must map names to strings/],
  ])('refuses a file where %s is wrong', (_, header, dataBytes, message) => {
    const path = file(header, new Uint8Array(dataBytes));
    expect(() => readSafetensors(path)).toThrow(message);
    expect(() => readSafetensors(path)).toThrow(`[safetensors] ${path}`);
  });

  it('refuses what cannot hold a header, before allocating for it', () => {
    expect(() => readSafetensors(join(folder, 'absent'))).toThrow(/absent: cannot be opened \(ENOENT/);
    expect(() => readSafetensors(folder)).toThrow(/is not a file/);
    expect(() => readSafetensors(file('{}', new Uint8Array(), 2n ** 63n))).toThrow(
      /claims a header of 92233720368547\d+ bytes, more than/,
    );
    expect(() => readSafetensors(file('{}', new Uint8Array(), 20_000_000n))).toThrow(
      /claims a header of 20000000 bytes, but has only 10/,
    );
    const path = file('{}');
    truncateSync(path, 7);
    expect(() => readSafetensors(path)).toThrow(/has only 7 bytes/);
  });

  it('takes deep and long values without running out of stack', () => {
    expect(() => readSafetensors(file(`{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`))).toThrow(
      OcelliError,
    );
    expect(() =>
      readSafetensors(file(`{"a":{"dtype":"F32","shape":${'['.repeat(50_000)}${']'.repeat(50_000)}}}`)),
    ).toThrow(OcelliError);
    expect(() => readSafetensors(file(`{"${'x'.repeat(5_000_000)}":1}`))).toThrow(/x\.\.\.": its entry/);
  });

  it('answers any damage to a real file with an error that names it, or with a sound header', () => {
    const header = {
      __metadata__: { k: 'v' },
      a: entry('F32', [2, 3], 0, 24),
      b: entry('I64', [2], 24, 40),
      c: entry('U8', [5], 40, 45),
    };
    const intact = readFileSync(file(header, new Uint8Array(45)));
    const path = join(folder, 'damaged.safetensors');
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.record({
              kind: fc.constant('byte' as const),
              at: fc.nat(intact.length - 46),
              value: fc.integer({ min: 0, max: 255 }),
            }),
            fc.record({
              kind: fc.constant('digit' as const),
              at: fc.nat(intact.length - 46),
              value: fc.integer({ min: 48, max: 57 }),
            }),
            fc.record({
              kind: fc.constant('cut' as const),
              at: fc.nat(intact.length - 1),
              value: fc.constant(0),
            }),
            fc.record({
              kind: fc.constant('insert' as const),
              at: fc.nat(intact.length - 1),
              value: fc.integer({ min: 32, max: 126 }),
            }),
          ),
          { minLength: 1, maxLength: 4 },
        ),
        (changes) => {
          let bytes = Buffer.from(intact);
          for (const { kind, at, value } of changes) {
            if (kind === 'cut') bytes = bytes.subarray(0, Math.min(at, bytes.length));
            else if (kind === 'insert')
              bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from([value]), bytes.subarray(at)]);
            else if (at < bytes.length) bytes[at] = value;
          }
          writeFileSync(path, bytes);
          try {
            const { tensors } = readSafetensors(path);
            let total = 0;
            for (const { begin, end } of tensors.values()) {
              expect(end).toBeLessThanOrEqual(bytes.length);
              total += end - begin;
            }
            expect(total).toBeLessThanOrEqual(bytes.length);
            try {
              readSafetensorsArrays(path); // may refuse a type, but never read outside
            } catch (error) {
              if (!(error instanceof OcelliError)) throw error;
            }
          } catch (error) {
            if (!(error instanceof OcelliError)) throw error;
            expect(error.message.startsWith(`[safetensors] ${path}`)).toBe(true);
          }
        },
      ),
      { numRuns: 500, seed: 7 },
    );
  });

  it('refuses every truncation of a file', () => {
    const intact = readFileSync(file({ a: entry('F32', [3], 0, 12) }, new Uint8Array(12)));
    const path = join(folder, 'truncated.safetensors');
    for (let bytes = 0; bytes < intact.length; bytes++) {
      writeFileSync(path, intact.subarray(0, bytes));
      expect(() => readSafetensors(path), `${bytes} bytes`).toThrow(`[safetensors] ${path}`);
    }
  });
});

describe('SafetensorsFile.load', () => {
  const halves = new Uint16Array([0x3c00, 0xc000, 0x0001, 0x7bff, 0x7c00, 0x8000]);
  const brains = new Uint16Array([0x3f80, 0xc000, 0x0080, 0x7f7f, 0x7f80, 0x8000]);

  it('converts every type on the device as JavaScript does on the host', async () => {
    const data: [string, string, ArrayBufferView][] = [
      ['f64', 'F64', new Float64Array([1.1, -2e300, 3, 0, 5, 6])],
      ['i64', 'I64', new BigInt64Array([1n, -2n, 2147483647n, -2147483648n, 0n, 6n])],
      ['f32', 'F32', new Float32Array([1.1, -2, 3e38, 1e-40, 5, 6])],
      ['i32', 'I32', new Int32Array([1, -2, 2147483647, -2147483648, 0, 6])],
      ['f16', 'F16', halves],
      ['bf16', 'BF16', brains],
      ['u8', 'U8', new Uint8Array([0, 1, 2, 253, 254, 255])],
      ['bool', 'BOOL', new Uint8Array([0, 1, 1, 0, 1, 0])],
    ];
    const header: Record<string, unknown> = {};
    let position = 0;
    for (const [name, dtype, { byteLength }] of data) {
      header[name] = entry(dtype, [2, 3], position, position + byteLength);
      position += byteLength;
    }
    const path = file(header, Buffer.concat(data.map(([, , array]) => bytesOf(array))));
    const arrays = readSafetensorsArrays(path);
    const opened = readSafetensors(path);
    for (const [name] of data) {
      const loaded = opened.load(name);
      const { data: onHost, shape } = arrays.get(name)!;
      expect(loaded.shape).toEqual(shape);
      expect(loaded.dtype).toBe(
        { f: 'float32', b: name === 'bf16' ? 'float32' : 'uint8', i: 'int32', u: 'uint8' }[name[0]!],
      );
      expect(Array.from(await loaded.data())).toEqual(
        Array.from(name === 'f64' ? Float32Array.from(onHost) : onHost),
      );
    }
    expect(Array.from(arrays.get('f16')!.data)).toEqual([1, -2, 2 ** -24, 65504, Infinity, -0]);
    expect(Array.from(arrays.get('bf16')!.data)).toEqual([
      1,
      -2,
      2 ** -126,
      3.3895313892515355e38,
      Infinity,
      -0,
    ]);

    const stored = opened.load('bf16', { dtype: 'bfloat16' });
    expect(await stored.data<'bfloat16'>()).toEqual(brains);
    expect(Array.from(await opened.load('i64', { dtype: 'float32' }).data())).toEqual([
      1, -2, 2147483648, -2147483648, 0, 6,
    ]);
  });

  it('rejects the next wait where an int64 value does not fit, on the host at once', async () => {
    const path = file({ a: entry('I64', [1], 0, 8) }, bytesOf(new BigInt64Array([2n ** 31n])));
    await expect(readSafetensors(path).load('a').data()).rejects.toThrow(
      /2147483648 .*does not fit in int32/,
    );
    expect(() => readSafetensorsArrays(path)).toThrow(/tensor "a": 2147483648 does not fit in int32/);
  });

  it('names what is there when a tensor is missing or cannot be loaded', () => {
    const opened = readSafetensors(
      file({ a: entry('U64', [1], 0, 8), b: entry('U8', [0], 8, 8) }, new Uint8Array(8)),
    );
    expect(() => opened.load('c')).toThrow(
      /tensor "c": no tensor of this name; the file has 2 tensors: a, b/,
    );
    expect(() => opened.load('a')).toThrow(/tensor "a": uint64 \[1\] cannot be loaded; only float64, /);
  });

  it('rejects the next wait when the file has shrunk since, and loads nothing for empty tensors', async () => {
    const path = file({ a: entry('F32', [2], 0, 8), b: entry('F16', [0, 2], 8, 8) }, new Uint8Array(8));
    const opened = readSafetensors(path);
    expect(await opened.load('b').data()).toEqual(new Float32Array(0));
    truncateSync(path, 90);
    await expect(opened.load('a').data()).rejects.toThrow(path);
    await device.synchronize();
    expect(await tensor([1]).item()).toBe(1);
  });
});

describe('files written by Python', () => {
  const packages = new URL('../../../../', import.meta.url);
  const files = readdirSync(packages)
    .map((name) => new URL(`${name}/test/fixtures/`, packages))
    .filter((fixtures) => existsSync(fixtures))
    .flatMap((fixtures) =>
      readdirSync(fixtures, { recursive: true, encoding: 'utf8' }).map(
        (name) => new URL(name, fixtures).pathname,
      ),
    )
    .filter((name) => name.endsWith('.safetensors'));

  it.each(files)('%s loads the same on the device and on the host', async (path) => {
    const opened = readSafetensors(path);
    const arrays = readSafetensorsArrays(path);
    expect(arrays.size).toBeGreaterThan(0);
    for (const [name, { dtype, data }] of arrays) {
      if (['int16', 'int8', 'uint16'].includes(dtype)) continue; // no type of the device
      using loaded = opened.load(name);
      const onHost = dtype === 'float64' ? Float32Array.from(data) : data;
      expect(Buffer.compare(bytesOf(await loaded.data()), bytesOf(onHost)), name).toBe(0);
    }
  });
});
