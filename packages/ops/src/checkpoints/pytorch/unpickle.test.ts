import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { pytorchError } from '../checkpoint-error.js';
import { OpenFile } from '../open-file.js';
import { flattenTensors } from './flatten-tensors.js';
import { PickleBytes } from './pickle-bytes.js';
import type { PickledValue } from './pickled-value.js';
import { unpickle } from './unpickle.js';

const folder = mkdtempSync(join(tmpdir(), 'ocelli-pickle-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'case.pkl');

/** A pickle of these instructions: text is taken byte by byte, numbers are bytes. */
function pickle(...parts: (string | number | Buffer)[]): Buffer {
  const bytes = parts.map((part) =>
    typeof part === 'number' ? Buffer.of(part) : Buffer.from(part as string, 'latin1'),
  );
  return Buffer.concat([Buffer.of(0x80, 2), ...bytes, Buffer.from('.')]);
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

const text = (value: string): Buffer =>
  Buffer.concat([Buffer.from('X'), word(Buffer.byteLength(value)), Buffer.from(value)]);

function read(bytes: Buffer): PickledValue {
  writeFileSync(path, bytes);
  return OpenFile.use(path, pytorchError, (file) => {
    const { value } = unpickle(new PickleBytes(file, 0, file.size));
    flattenTensors(file, value);
    return value;
  });
}

const storage = pickle(
  '(',
  text('storage'),
  'ctorch\nFloatStorage\n',
  text('0'),
  text('cpu'),
  'K',
  6,
  'tQ',
).subarray(2, -1);

describe('unpickle', () => {
  it('reads numbers, text and containers', () => {
    const parts = [
      '(',
      'N',
      0x88,
      0x89,
      'K',
      200,
      'M',
      1,
      2,
      'J',
      0xff,
      0xff,
      0xff,
      0xff,
      0x8a,
      2,
      0,
      0x80,
      0x8a,
      0,
    ];
    expect(read(pickle(...parts, 'I-12345678901\n', text('é'), 'U', 2, 'ab', ']', ')', '}t'))).toEqual([
      null,
      true,
      false,
      200,
      513,
      -1,
      -32768,
      0,
      -12345678901,
      'é',
      'ab',
      [],
      [],
      new Map(),
    ]);
  });

  it.each<[string, Buffer, RegExp]>([
    [
      'os.system',
      pickle('cposix\nsystem\n', text('true'), 0x85, 'R'),
      /it names "posix.system", .* nothing was executed/,
    ],
    ['eval by stack', pickle(text('builtins'), text('eval'), 0x93), /it names "builtins.eval"/],
    ['a name of JavaScript', pickle('c__proto__\nconstructor\n'), /it names "__proto__.constructor"/],
    ['a name that torch has', pickle('ctorch.hub\nload\n'), /it names "torch.hub.load"/],
    ['a call of data', pickle(text('x'), ')R'), /something is called that is no function/],
    [
      'a function as a value',
      pickle('ccollections\nOrderedDict\n'),
      /collections.OrderedDict stands where a value should/,
    ],
    ['a function in a list', pickle('](ccollections\nOrderedDict\ne'), /OrderedDict stands where a value/],
    [
      'a function in a tuple',
      pickle('ccollections\nOrderedDict\n', 0x85),
      /something as a value that is none/,
    ],
    ['an old instruction', pickle('(icollections\nOrderedDict\n'), /the instruction 0x69/],
    ['a stack that is empty', pickle('0'), /the stack is empty/],
    ['a mark that is missing', pickle('t'), /a mark is missing/],
    ['a pop below the mark', pickle('K', 1, '(', '0'), /the stack is empty/],
    ['a value that is not remembered', pickle('h', 7), /value 7 is not remembered/],
    ['a long text', pickle('X', word(0xffffffff)), /a value of 4294967295 bytes/],
    ['a text beyond the end', pickle('X', word(1000)), /wants 1000 bytes at 7, but ends at 8/],
    ['bytes of 2^63', pickle(0x8e, Buffer.from('0000000000000080', 'hex')), /a value of 922337\d+ bytes/],
    ['a long number', pickle(0x8b, word(2 ** 31)), /a number of 2147483648 bytes/],
    ['a decimal without end', pickle('I', '9'.repeat(200), '\n'), /a line of more than 100 bytes/],
    ['text that is not UTF-8', pickle('X', word(1), 0xff), /a text that is not UTF-8/],
    ['a key twice', pickle('}(', text('a'), 'K', 1, text('a'), 'K', 2, 'u'), /the key "a" twice/],
    ['a dictionary as a key', pickle('}(', '}', 'K', 1, 'u'), /a key of a dictionary that is a container/],
    [
      'a list in itself',
      pickle(']', 'q', 0, 'h', 0, 'a'),
      /containers in one another, more than 64 or without end/,
    ],
    ['deep nesting', pickle(']'.repeat(1000), 'a'.repeat(999)), /containers in one another/],
    ['a protocol to come', Buffer.from([0x80, 9, 0x2e]), /protocol 9/],
    ['protocol 0', Buffer.from('(lp0\n.'), /does not begin as protocol 2 to 5 does/],
    ['a storage alone', pickle(storage), /a storage that is not part of a tensor/],
    [
      'strides that are missing',
      pickle(
        'ctorch._utils\n_rebuild_tensor_v2\n',
        '(',
        storage,
        'K',
        0,
        'K',
        2,
        0x85,
        ')',
        0x89,
        'Ntt',
        'R',
      ),
      /a mark is missing|1 axes and 0 strides/,
    ],
    [
      'a negative offset',
      pickle(
        'ctorch._utils\n_rebuild_tensor_v2\n',
        '(',
        storage,
        'J',
        0xff,
        0xff,
        0xff,
        0xff,
        ')',
        ')',
        0x89,
        'Nt',
        'R',
      ),
      /no whole number >= 0/,
    ],
    ['a state of nothing', pickle('K', 1, '}', 'b'), /a state is set where no object takes one/],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => read(bytes)).toThrow(message);
    expect(() => read(bytes)).toThrow(`[pytorch] ${path}`);
  });

  it('ends on a pickle of few bytes and very many values', () => {
    // Each list holds the one before it twice: 2^60 values.
    const doubled = ['K', 1, 0x85, 'q', 0];
    for (let i = 0; i < 60; i++) doubled.push('h', i, 'h', i, 0x86, 'q', i + 1);
    expect(() => read(pickle(...doubled))).toThrow(/more than 8000000 values/);
    // A long list of pairs made into a dictionary again and again.
    const pairs = [
      '](',
      ...Array.from({ length: 5000 }, (_, i) => ['M', i & 255, i >> 8, 'N', 0x86]).flat(),
      'e',
      'q',
      0,
      '0',
    ];
    const copies = Array.from({ length: 5000 }, () => [
      'ccollections\nOrderedDict\n',
      'h',
      0,
      0x85,
      'R',
      '0',
    ]).flat();
    expect(() => read(pickle(...pairs, ...copies, 'N'))).toThrow(/copies the same values over and over/);
    expect(() => read(pickle('}'.repeat(2_100_000)))).toThrow(/more than 2000000 objects/);
  });

  it('keeps prototypes as they are', () => {
    const value = read(pickle('}(', text('__proto__'), '}', text('polluted'), 'K', 1, 's', 'u'));
    expect((value as Map<string, PickledValue>).get('__proto__')).toEqual(new Map([['polluted', 1]]));
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});
