import { Tokenizer } from '@huggingface/tokenizers';
import { describe, expect, it } from 'vitest';
import { bytePieces } from './byte-level.js';
import { tokenizerFiles } from './tokenizer-files.js';
import { trainBytePairEncoding } from './train-byte-pair-encoding.js';

const text =
  'three red apples on a blue background. is there a red apple? yes. it\'s 12 o\'clock: "naïve" café 🍎';
const counts = new Map<string, number>();
for (const piece of bytePieces(` ${text} ${text}`)) counts.set(piece, (counts.get(piece) ?? 0) + 1);
const merges = trainBytePairEncoding(counts, 256 + 60);
const files = tokenizerFiles(merges, 64);
// Through JSON, as a reader of the file gets it.
const tokenizer = new Tokenizer(
  JSON.parse(JSON.stringify(files.tokenizer)),
  JSON.parse(JSON.stringify(files.config)),
);

describe('a written tokenizer, read by @huggingface/tokenizers', () => {
  it.each([text, 'words that it never saw', 'spaces  and\nlines\t', 'žluťoučký kůň 日本語 \u0000\u007f'])(
    'gives back %j',
    (one) => {
      const { ids } = tokenizer.encode(one, { add_special_tokens: false });
      expect(tokenizer.decode(ids, { skip_special_tokens: false, clean_up_tokenization_spaces: false })).toBe(
        one,
      );
    },
  );

  it('puts </s> in front and knows the special tokens in running text', () => {
    const { ids, tokens } = tokenizer.encode('is there a red apple?</a>yes</s>');
    expect(ids[0]).toBe(2);
    expect(ids.at(-1)).toBe(2);
    expect(ids[tokens.indexOf('</a>')]).toBe(4);
    expect(['<s>', '<pad>', '</s>', '<unk>'].map((token) => tokenizer.token_to_id(token))).toEqual([
      0, 1, 2, 3,
    ]);
  });

  it('gives the first word, and the first after </a>, the token that it has elsewhere', () => {
    const { tokens } = tokenizer.encode('red apple</a>red apple', { add_special_tokens: false });
    expect(tokens).toEqual(['Ġred', 'Ġapple', '</a>', 'Ġred', 'Ġapple']);
    expect(tokenizer.encode('red?</a>', { add_special_tokens: false }).tokens.at(-1)).toBe('</a>');
    expect(tokenizer.encode('</a>', { add_special_tokens: false }).tokens).toEqual(['</a>']);
    expect(tokenizer.encode('', { add_special_tokens: false }).tokens).toEqual([]);
  });

  it('merges in the learnt order', () => {
    const { tokens } = tokenizer.encode(' red apple', { add_special_tokens: false });
    expect(tokens).toEqual(['Ġred', 'Ġapple']);
  });

  it('gives every symbol one id, without holes', () => {
    const ids = [...tokenizer.get_vocab(true).values()].sort((a, b) => a - b);
    expect(ids).toEqual(ids.map((_, i) => i));
  });
});
