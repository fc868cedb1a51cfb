import { deflateRawSync } from 'node:zlib';
import { type ZipMember, zipBytes } from '../../../ops/test/zip-bytes.js';

/** Files that were made to harm: each must be read as data or refused. */

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

/** Whoever executes this leaves a file of this name behind. */
export const canary = 'ocelli-fuzz-was-here';

function hostilePickles(): Buffer[] {
  const doubled = ['K', 1, 0x85, 'q', 0];
  for (let i = 0; i < 60; i++) doubled.push('h', i, 'h', i, 0x86, 'q', i + 1);
  const tensor = (size: number, stride: number): Buffer =>
    pickle(
      '}',
      text('a'),
      'ctorch._utils\n_rebuild_tensor_v2\n((',
      text('storage'),
      'ctorch\nFloatStorage\n',
      text('0'),
      text('cpu'),
      Buffer.concat([Buffer.from('J'), word(size)]),
      'tQK',
      0,
      Buffer.concat([Buffer.from('J'), word(size), Buffer.of(0x85)]),
      Buffer.concat([Buffer.from('J'), word(stride), Buffer.of(0x85)]),
      0x89,
      ')tRs',
    );
  return [
    pickle('cposix\nsystem\n', text(`touch ${canary}`), 0x85, 'R'),
    pickle(text('os'), text('system'), 0x93, text(`touch ${canary}`), 0x85, 'R'),
    pickle('c__builtin__\neval\n', text('1'), 0x85, 'R'),
    pickle(
      'cargparse\nNamespace\n',
      ')',
      0x81,
      '}',
      text('__proto__'),
      '}',
      text('polluted'),
      'K',
      1,
      's',
      's',
      'b',
    ),
    pickle('}', text('__proto__'), '}', text('polluted'), 'K', 1, 's', 's'),
    pickle(']q', 0, 'h', 0, 'a'),
    pickle('}q', 0, text('a'), 'h', 0, 's'),
    pickle(...doubled),
    pickle(']'.repeat(3000), 'a'.repeat(2999)),
    pickle('('.repeat(3000)),
    pickle('X', word(0xffffffff)),
    pickle(0x8b, word(0x7fffffff)),
    pickle(0x8e, Buffer.alloc(8, 0x7f)),
    pickle('r', word(0xffffffff)),
    pickle('ccollections\nOrderedDict\n](', text('k'), 'K', 1, 0x86, text('k'), 'K', 2, 0x86, 'e', 0x85, 'R'),
    tensor(1, 0),
    tensor(0x7fffffff, 0),
    tensor(4, 0x7fffffff),
  ];
}

const byteorder: ZipMember = { name: 'a/byteorder', data: Buffer.from('little') };

/** Archives of torch.save, and pickles in the older form, around hostile pickles. */
export function hostilePyTorch(): Buffer[] {
  const numbers: ZipMember = { name: 'a/data/0', data: Buffer.alloc(16) };
  const magic = Buffer.from('80028a0a6cfc9c46f9206aa850192e80024de9032e', 'hex');
  const system = pickle('}', text('little_endian'), 0x88, 's');
  const archives = hostilePickles().map((data) =>
    zipBytes([{ name: 'a/data.pkl', data }, byteorder, numbers]),
  );
  const sequences = hostilePickles().map((data) =>
    Buffer.concat([magic, system, data, pickle(']', text('0'), 'a'), Buffer.alloc(64)]),
  );
  const doubled: ZipMember = { name: 'a/data.pkl', data: pickle('}') };
  return [...archives, ...sequences, zipBytes([doubled, doubled]), zipBytes([{ ...doubled, method: 8 }])];
}

/** Archives of NumPy that are bombs, or claim what they have not. */
export function hostileNpz(): Buffer[] {
  const header = (shape: string, descr = '<f4'): Buffer => {
    const body = Buffer.from(`{'descr': '${descr}', 'fortran_order': False, 'shape': (${shape}), }\n`);
    const start = Buffer.from('\x93NUMPY\x01\x00\x00\x00', 'latin1');
    start.writeUInt16LE(body.length, 8);
    return Buffer.concat([start, body]);
  };
  const bomb = deflateRawSync(Buffer.concat([header('2500000,'), Buffer.alloc(10_000_000)]));
  const zeros = Buffer.concat([header('2500,'), Buffer.alloc(10_000)]);
  const member = (data: Buffer): ZipMember => ({ name: '__proto__.npy', data });
  return [
    zipBytes([{ ...member(zeros), method: 8 }]),
    zipBytes([{ ...member(zeros), method: 8, packed: bomb }]),
    zipBytes([{ ...member(zeros), method: 8, packed: bomb, claims: { bytes: 10_000_000 } }]),
    zipBytes([member(zeros), member(zeros)]),
    zipBytes([member(zeros), { ...member(zeros), name: 'b.npy', claims: { header: 0 } }]),
    zipBytes([member(header('999999999999999, 999999999999999'))]),
    zipBytes([member(header('0, 999999999999999, 999999999999999'))]),
    zipBytes([member(header('1,', '|O'))]),
  ];
}

/** Headers that claim what they have not. */
export function hostileSafetensors(): Buffer[] {
  const file = (header: string, claimed = header.length): Buffer => {
    const size = Buffer.alloc(8);
    size.writeBigUInt64LE(BigInt(claimed));
    return Buffer.concat([size, Buffer.from(header), Buffer.alloc(16)]);
  };
  const entry = '{"dtype":"F32","shape":[4],"data_offsets":[0,16]}';
  return [
    file(`{"__proto__":${entry}}`),
    file(`{"__metadata__":{"__proto__":"x"},"a":${entry}}`),
    file(`{"a":${entry},"a":${entry}}`),
    file(`{"a":${entry}}`, 2 ** 53),
    file(`{"a":${'['.repeat(5000)}${']'.repeat(5000)}}`),
    file('{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,16]}}'),
    file(
      '{"a":{"dtype":"F32","shape":[0,9007199254740991],"data_offsets":[0,0]},"b":{"dtype":"U8","shape":[16],"data_offsets":[0,16]}}',
    ),
  ];
}

/** tokenizer.json files that are no tokenizers. */
export function hostileTokenizers(original: Buffer): Buffer[] {
  const json = JSON.parse(original.toString()) as Record<string, unknown>;
  const deep = `${'{"type":"Sequence","normalizers":['.repeat(2000)}${']}'.repeat(2000)}`;
  const { normalizer: _, ...rest } = json;
  return [
    Buffer.from('{}'),
    Buffer.from('[]'),
    Buffer.from(`${'['.repeat(100_000)}`),
    Buffer.from(`{"__proto__":{"polluted":1},${JSON.stringify(json).slice(1)}`),
    Buffer.from(`{"normalizer":${deep},${JSON.stringify(rest).slice(1)}`),
    Buffer.from(JSON.stringify({ ...json, added_tokens: [{ id: 2 ** 53, content: 'x' }] })),
    Buffer.from(
      JSON.stringify({
        ...json,
        pre_tokenizer: { type: 'Split', pattern: { Regex: '(' }, behavior: 'Isolated' },
      }),
    ),
  ];
}
