import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readConfig } from './read-config.js';

const directory = mkdtempSync(join(tmpdir(), 'ocelli-config-'));
let files = 0;

function file(text: string): string {
  const path = join(directory, `${files++}.yaml`);
  writeFileSync(path, text);
  return path;
}

const good = [
  'encoder: ./models/vit',
  'adapter: { method: epalm, features: 4 }',
  'data:',
  '  train: { format: folder, directory: pictures }',
  'training:',
  '  steps: 20',
  '  learningRate: 1e-2',
  'output: out/own',
];

/** The good file with one line in place of another. */
function changed(line: number, text: string): string {
  return file(good.map((old, index) => (index + 1 === line ? text : old)).join('\n'));
}

function errorOf(path: string): string {
  try {
    readConfig(path);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('no error');
}

test('fills in defaults and makes paths relative to the file absolute', () => {
  const config = readConfig(file(good.join('\n')));
  expect(config.encoder).toBe(join(directory, 'models/vit'));
  expect(config.languageModel).toBe('tiny');
  expect(config.dtype).toBe('float32');
  const typed = [...good.filter((line) => !line.startsWith('output')), 'dtype: nf4', 'output: out'];
  expect(readConfig(file(typed.join('\n'))).dtype).toBe('nf4');
  expect(config.device).toBeUndefined();
  expect(readConfig(file([...typed, 'device: cuda:1'].join('\n'))).device).toBe('cuda:1');
  expect(config.adapter).toEqual({ method: 'epalm', config: { features: 4 } });
  expect(config.data.train).toEqual({ format: 'folder', directory: join(directory, 'pictures') });
  expect(config.training).toMatchObject({ steps: 20, learningRate: 0.01, batchSize: 32, schedule: 'cosine' });
  expect(config.output).toBe(join(directory, 'out/own'));
  expect(config.featureCache).toEqual({ directory: join(directory, 'out/own/features'), dtype: 'float32' });
  const cached = (text: string) =>
    readConfig(file([...good, `featureCache: ${text}`].join('\n'))).featureCache;
  expect(cached('shared')).toEqual({ directory: join(directory, 'shared'), dtype: 'float32' });
  expect(cached('{ maxSize: 20 GB, dtype: bfloat16 }')).toEqual({
    directory: join(directory, 'out/own/features'),
    maxBytes: 20e9,
    dtype: 'bfloat16',
  });
  expect(cached('{ directory: shared, maxSize: 1.5 TiB }').maxBytes).toBe(1.5 * 2 ** 40);
});

test.each([
  ['an unknown key', 6, '  setps: 20', 'line 6: unknown key "setps" in training; did you mean "steps"?'],
  [
    'an unknown key at the top',
    1,
    'encodr: tiny',
    'line 1: unknown key "encodr" at the top level; did you mean "encoder"?',
  ],
  [
    'an unknown key of the method',
    2,
    'adapter: { method: epalm, featurs: 4 }',
    'line 2: unknown key "featurs" in adapter; did you mean "features"?',
  ],
  [
    'an unknown key of the data',
    4,
    '  train: { format: folder, directry: x, directory: y }',
    'line 4: unknown key "directry" in data.train; did you mean "directory"?',
  ],
  ['a wrong type', 6, '  steps: many', 'line 6: training.steps is "many", expected number; correct it'],
  [
    'an unknown key of the feature cache',
    8,
    'output: x\nfeatureCache: { maxsize: 3 GB }',
    'line 9: unknown key "maxsize" in featureCache; did you mean "maxSize"?',
  ],
  [
    'a wrong size of the feature cache',
    8,
    'output: x\nfeatureCache: { maxSize: all }',
    'line 9: featureCache.maxSize is "all", expected a size such as "2 GiB" or "800 MB"; correct it',
  ],
  [
    'a size without its unit',
    6,
    '  memoryBudget: 2 gigabytes',
    'line 6: training.memoryBudget is "2 gigabytes", expected a size such as "2 GiB" or "800 MB"; correct it',
  ],
  [
    'a misspelt budget',
    6,
    '  memoryBuget: 2 GiB',
    'line 6: unknown key "memoryBuget" in training; did you mean "memoryBudget"?',
  ],
  [
    'an unknown weight type',
    1,
    'dtype: int4',
    'line 1: dtype is "int4", expected one of "float32"|"bfloat16"|"float16"|"int8"|"fp8"|"nf4"|"fp4"; correct it',
  ],
  ['a number out of range', 6, '  steps: -3', 'line 6: training.steps is -3, '],
  [
    'an unknown method',
    2,
    'adapter: { method: epalmm }',
    'line 2: adapter.method is "epalmm", which is unknown; did you mean "epalm"?',
  ],
  [
    'an unknown format',
    4,
    '  train: { format: foldr, directory: x }',
    'line 4: data.train.format is "foldr", which is unknown; did you mean "folder"?',
  ],
  ['no format', 4, '  train: { directory: x }', 'line 4: data.train has no "format"; add it: folder, '],
  ['a missing key', 8, '', 'the top level has no "output"; add it'],
  [
    'an unknown split',
    4,
    '  train: { emojiScenes: { split: trian } }',
    'line 4: data.train.emojiScenes.split is "trian"',
  ],
  ['broken YAML', 4, '  train: { format: folder', 'is not YAML'],
])('names %s', (_, line, text, expected) => {
  const message = errorOf(changed(line, text));
  expect(message).toMatch(/^\[config\] \/.*\.yaml/);
  expect(message).toContain(expected);
});

test('says what to do about a file that is not there', () => {
  expect(errorOf(join(directory, 'nowhere.yaml'))).toMatch(
    /^\[config\] cannot read .*nowhere\.yaml .*; give the path/,
  );
  expect(errorOf(directory)).toContain('it is a folder');
});

test.each(['own-pictures.yaml', 'emoji.yaml'])('reads the example %s', (name) => {
  const config = readConfig(fileURLToPath(new URL(`../../examples/${name}`, import.meta.url)));
  expect(config.adapter.method).toBe('epalm');
});

test('settings stand as if they were in the file', () => {
  const path = file(good.join('\n'));
  const config = readConfig(
    path,
    'training.batchSize=8,data.root=/data,training.augmentation={versions: 2, flip: false},dtype=nf4',
  );
  expect(config.training).toMatchObject({
    steps: 20,
    batchSize: 8,
    augmentation: { versions: 2, flip: false },
  });
  expect(config.data.train).toMatchObject({ directory: '/data/pictures' });
  expect(config.dtype).toBe('nf4');
  for (const [settings, message] of [
    ['training.batchSize', 'the setting "training.batchSize" is not KEY=VALUE'],
    ['output.x=1', 'the setting "output.x" goes into output, which has no keys'],
    ['dtype={', 'the value of the setting "dtype" is not YAML'],
    ['training.bachSize=8', 'unknown key "bachSize" in training; did you mean "batchSize"?'],
    ['training.epochs=2', 'expected either "steps" or "epochs"'],
  ] as const)
    expect(() => readConfig(path, settings)).toThrow(message);
});

test('inputs, a test set and evaluation', () => {
  const lines = [
    ...good,
    'frames: 4',
    'inputs: { answerToken: </a>, questionSuffix: "?" }',
    'evaluation: { beams: 3 }',
  ];
  const config = readConfig(
    file(lines.join('\n').replace('pictures }', 'a }\n  test: { format: folder, directory: b }')),
  );
  expect(config.inputs).toEqual({ answerToken: '</a>', questionSuffix: '?', frames: 4 });
  expect(config.data.test).toEqual({ format: 'folder', directory: join(directory, 'b') });
  expect(config.evaluation).toEqual({ beams: 3 });
});
