import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { randomTexts, readTexts } from '../../test/random-texts.js';
import { loadTokenizer } from './tokenizer.js';

interface Golden {
  readonly size: number;
  readonly names: Readonly<Record<'bos_token' | 'eos_token' | 'pad_token', number | null>>;
  readonly cases: readonly {
    readonly ids: number[];
    readonly decoded: string;
    readonly decodedWithoutSpecialTokens: string;
  }[];
  readonly blocks: readonly { readonly ids: string; readonly decoded: string }[];
}

const folder = fileURLToPath(new URL('../../test/fixtures/tokenizers', import.meta.url));
const texts = readTexts();
const random = randomTexts(texts);
const families = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

const checksum = (values: readonly string[]): string =>
  createHash('sha256').update(values.join('\0')).digest('hex').slice(0, 16);

describe.each(families)('%s', (family) => {
  const golden = JSON.parse(readFileSync(join(folder, family, 'cases.json'), 'utf8')) as Golden;
  const tokenizer = loadTokenizer(join(folder, family));

  it.each(texts.texts.map((text, index) => [text, golden.cases[index]!] as const))(
    '%j as in Python',
    (text, one) => {
      expect(tokenizer.encode(text)).toEqual(one.ids);
      expect(tokenizer.decode(one.ids)).toBe(one.decoded);
      expect(tokenizer.decode(one.ids, { skipSpecialTokens: true })).toBe(one.decodedWithoutSpecialTokens);
    },
  );

  it(`${texts.count} random texts as in Python`, () => {
    for (const [index, block] of golden.blocks.entries()) {
      const part = random.slice(index * texts.block, (index + 1) * texts.block);
      const ids = part.map((text) => tokenizer.encode(text, { addSpecialTokens: false }));
      expect([index, checksum(ids.map((one) => one.join(',')))]).toEqual([index, block.ids]);
      expect([index, checksum(ids.map((one) => tokenizer.decode(one)))]).toEqual([index, block.decoded]);
    }
    expect(golden.blocks).toHaveLength(random.length / texts.block);
  });

  it('the named tokens as in Python', () => {
    expect(tokenizer.size).toBe(golden.size);
    expect({ bos_token: tokenizer.beginId, eos_token: tokenizer.endId, pad_token: tokenizer.padId }).toEqual(
      golden.names,
    );
  });
});
