import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { OcelliError } from '@ocelli/ops';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadTokenizer } from '../tokenizer.js';

const fixtures = fileURLToPath(new URL('../../../test/fixtures/tokenizers', import.meta.url));
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ocelli-slow-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const take = (family: string): void => cpSync(join(fixtures, family), folder, { recursive: true });
const write = (name: string, value: unknown): void =>
  writeFileSync(join(folder, name), typeof value === 'string' ? value : JSON.stringify(value));
const load = (): unknown => loadTokenizer(folder);

it('says which file is missing or what has no conversion', () => {
  take('opt');
  rmSync(join(folder, 'merges.txt'));
  expect(load).toThrow(
    /there is no .*tokenizer.json, nor vocab.json and merges.txt of a GPT2 tokenizer; copy them/,
  );
  write('tokenizer_config.json', { tokenizer_class: 'XLNetTokenizer' });
  expect(load).toThrow(/tokenizer_class XLNetTokenizer is none whose older files Ocelli reads \(GPT2, /);
});

it('says what is wrong with the older files', () => {
  take('opt');
  write('merges.txt', '#version: 0.2\na b c\n');
  expect(load).toThrow(/vocab.json cannot be used: merges.txt line 2 is "a b c", not a pair/);
  write('merges.txt', 'qx zy\n');
  expect(load).toThrow(/the merge \["qx","zy"\] makes no token/);
  write('vocab.json', '[');
  expect(load).toThrow(/vocab.json cannot be used/);
  take('whisper');
  write('tokenizer_config.json', { tokenizer_class: 'WhisperTokenizer', language: 'german' });
  expect(load).toThrow(/its language "german" is set, which only a tokenizer.json can express/);
  write('tokenizer_config.json', { tokenizer_class: 'WhisperTokenizer' });
  expect(load).toThrow(/it has no id for "<\|startoftranscript\|>", which stands around texts/);
  take('t5');
  write('tokenizer_config.json', { tokenizer_class: 'T5Tokenizer', extra_ids: -1 });
  expect(load).toThrow(/extra_ids is -1; it has to be a count/);
  cpSync(join(folder, 'spiece.model'), join(folder, 'tokenizer.model'));
  write('tokenizer_config.json', { tokenizer_class: 'LlamaTokenizer' });
  expect(load).toThrow(/its model type is 1; LLaMA's is BPE/);
  write('tokenizer.model', '');
  expect(load).toThrow(/tokenizer.model cannot be used: it holds no pieces/);
});

it('prefers a tokenizer.json', () => {
  take('bert');
  take('json-llama3');
  expect(loadTokenizer(folder).size).toBe(382);
});

it.each([
  ['opt', 'merges.txt'],
  ['opt', 'vocab.json'],
  ['bert', 'vocab.txt'],
  ['llama', 'tokenizer.model'],
  ['t5', 'spiece.model'],
  ['json-llama2', 'tokenizer.json'],
  ['json-unigram', 'tokenizer.json'],
  ['json-words', 'tokenizer.json'],
])('a changed %s/%s is an error that names it, or a tokenizer', (family, name) => {
  take(family);
  const whole = readFileSync(join(fixtures, family, name));
  const change = fc.record({
    at: fc.nat(whole.length - 1),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 8 }),
    cut: fc.boolean(),
  });
  fc.assert(
    fc.property(change, ({ at, bytes, cut }) => {
      const changed = Buffer.concat([
        whole.subarray(0, at),
        bytes,
        cut ? Buffer.alloc(0) : whole.subarray(at + bytes.length),
      ]);
      writeFileSync(join(folder, name), changed);
      try {
        const tokenizer = loadTokenizer(folder);
        tokenizer.decode(tokenizer.encode('A photo of 2 dogs,\u00e9\u65e5 </s>'));
      } catch (error) {
        if (!OcelliError.isInstance(error) || !error.message.includes(folder)) throw error;
      }
    }),
    { numRuns: 60, seed: 1 },
  );
});
