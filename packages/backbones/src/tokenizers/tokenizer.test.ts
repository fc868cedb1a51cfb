import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { loadTokenizer } from './tokenizer.js';

interface Case {
  text: string;
  ids: number[];
  idsWithoutSpecialTokens: number[];
  decoded: string;
  decodedWithoutSpecialTokens: string;
}

const folder = fileURLToPath(new URL('../../test/fixtures/opt-text', import.meta.url));
const golden = JSON.parse(readFileSync(join(folder, 'tokenizer-cases.json'), 'utf8')) as {
  padTokenId: number;
  bosTokenId: number;
  eosTokenId: number;
  cases: Case[];
  answerToken: { token: string; id: number; cases: Case[] };
};
const made: string[] = [];
afterAll(() => {
  for (const path of made) rmSync(path, { recursive: true });
});

/** A folder with this tokenizer.json. */
function folderWith(definition: string, config?: object): string {
  const path = mkdtempSync(join(tmpdir(), 'ocelli-tokenizer-'));
  made.push(path);
  writeFileSync(join(path, 'tokenizer.json'), definition);
  if (config) writeFileSync(join(path, 'tokenizer_config.json'), JSON.stringify(config));
  return path;
}
const definition = () => JSON.parse(readFileSync(join(folder, 'tokenizer.json'), 'utf8'));

describe('Tokenizer', () => {
  const plain = loadTokenizer(folder);
  const answering = loadTokenizer(folder, { additionalSpecialTokens: ['</a>'] });

  it.each([
    ...golden.cases.map((testCase) => [testCase.text, plain, testCase] as const),
    ...golden.answerToken.cases.map(
      (testCase) => [`${testCase.text} (with </a>)`, answering, testCase] as const,
    ),
  ])('answers as Python does: %j', (_, tokenizer, testCase) => {
    expect(tokenizer.encode(testCase.text)).toEqual(testCase.ids);
    expect(tokenizer.encode(testCase.text, { addSpecialTokens: false })).toEqual(
      testCase.idsWithoutSpecialTokens,
    );
    expect(tokenizer.decode(testCase.ids)).toBe(testCase.decoded);
    expect(tokenizer.decode(testCase.ids, { skipSpecialTokens: true })).toBe(
      testCase.decodedWithoutSpecialTokens,
    );
  });

  it('knows the ids of special tokens', () => {
    expect([plain.padId, plain.beginId, plain.endId]).toEqual([
      golden.padTokenId,
      golden.bosTokenId,
      golden.eosTokenId,
    ]);
    expect(plain.size).toBe(golden.answerToken.id);
    expect(answering.idOf('</a>')).toBe(golden.answerToken.id);
    expect(answering.size).toBe(plain.size + 1);
    expect(() => plain.idOf('</a>')).toThrow(/has no token "<\/a>"; load it with additionalSpecialTokens/);
    const again = loadTokenizer(folder, { additionalSpecialTokens: ['</s>', '</b>', '</a>', '</b>'] });
    expect(['</s>', '</b>', '</a>'].map((token) => again.idOf(token))).toEqual([
      2,
      plain.size,
      plain.size + 1,
    ]);
  });

  it('gives back any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const ids = plain.encode(text);
        expect(plain.decode(ids, { skipSpecialTokens: true })).toBe(text);
        expect(ids.every((id) => id >= 0 && id < plain.size)).toBe(true);
      }),
      { numRuns: 300, seed: 1 },
    );
  });

  it('decodes ids of no token to nothing', () => {
    expect(plain.decode([])).toBe('');
    expect(plain.decode([396, 5000])).toBe('');
    expect(plain.decode([2, 396, 36], { skipSpecialTokens: true })).toBe('A');
    expect(plain.decode(new Int32Array([36]))).toBe('A');
  });

  it('takes half a surrogate pair for a replacement character', () => {
    expect(plain.encode('a\uD83D b\uDC26')).toEqual(plain.encode('a\uFFFD b\uFFFD'));
    expect(plain.decode(plain.encode('\uDC26', { addSpecialTokens: false }))).toBe('\uFFFD');
  });

  it('makes batches with padding on either side', () => {
    const texts = ['A', '', 'A photo'];
    const right = plain.encodeBatch(texts);
    expect(right).toEqual({
      batch: 3,
      tokens: 3,
      ids: new Int32Array([2, 36, 1, 2, 1, 1, 2, 36, 324]),
      mask: new Uint8Array([1, 1, 0, 1, 0, 0, 1, 1, 1]),
    });
    const left = plain.encodeBatch(texts, { padding: 'left', addSpecialTokens: false });
    expect(left.ids).toEqual(new Int32Array([1, 36, 1, 1, 36, 324]));
    expect(left.mask).toEqual(new Uint8Array([0, 1, 0, 0, 1, 1]));
    expect(plain.encodeBatch([])).toMatchObject({ batch: 0, tokens: 0 });
  });

  it('needs no tokenizer_config.json until something has to be padded', () => {
    const bare = loadTokenizer(folderWith(JSON.stringify(definition())));
    expect([bare.padId, bare.beginId, bare.endId]).toEqual([null, null, null]);
    expect(bare.encode('A')).toEqual([2, 36]);
    expect(bare.encodeBatch(['A', 'A']).tokens).toBe(2);
    expect(() => bare.encodeBatch(['A', ''])).toThrow(/need padding, but .* names no pad_token/);
    const named = loadTokenizer(
      folderWith(JSON.stringify(definition()), { pad_token: { content: '<pad>' }, eos_token: null }),
    );
    expect([named.padId, named.endId]).toEqual([1, null]);
  });

  it('says what is missing or broken', () => {
    expect(() => loadTokenizer(join(folder, 'absent'))).toThrow(
      /\[tokenizer\] there is no .*absent.tokenizer.json, and model_type undefined is none .*; write it in Python/,
    );
    expect(() => loadTokenizer(folderWith('{'))).toThrow(/tokenizer.json cannot be read as JSON/);
    expect(() => loadTokenizer(folderWith('[]'))).toThrow(/it holds no object/);
    expect(() => loadTokenizer(folderWith('{}'))).toThrow(/tokenizer.json cannot be used: /);
    expect(() => loadTokenizer(folderWith('{"model":{"type":"Magic"}}'))).toThrow(
      /tokenizer.json cannot be used: /,
    );
    const changed = (change: object): (() => unknown) => {
      return () => loadTokenizer(folderWith(JSON.stringify({ ...definition(), ...change })));
    };
    expect(changed({ normalizer: { type: 'Lowercase', locale: 'tr' } })).toThrow(
      /normalizer: Unrecognized key: "locale"/,
    );
    expect(changed({ pre_tokenizer: { type: 'Split', pattern: { Regex: '(' } } })).toThrow(
      /tokenizer.json cannot be used/,
    );
    const { model } = definition() as { model: { merges: unknown[] } };
    expect(changed({ model: { ...model, merges: ['x'] } })).toThrow(/the merge "x" makes no token/);
    expect(changed({ model: { ...model, vocab: { a: -1 } } })).toThrow(
      /model.vocab: expected tokens with their ids/,
    );
    expect(() => loadTokenizer(folderWith(JSON.stringify(definition()), { pad_token: '<none>' }))).toThrow(
      /has no token "<none>"/,
    );
  });
});
