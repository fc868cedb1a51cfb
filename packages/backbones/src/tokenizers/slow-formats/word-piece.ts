import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Conversion } from './byte-level.js';
import { type JsonObject, SpecialTokens } from './special-tokens.js';

const defaults = {
  unk_token: '[UNK]',
  sep_token: '[SEP]',
  pad_token: '[PAD]',
  cls_token: '[CLS]',
  mask_token: '[MASK]',
};

/** BERT's WordPiece from `vocab.txt`, a piece a line. */
export function convertWordPiece(directory: string, config: JsonObject): Conversion {
  const lines = readFileSync(join(directory, 'vocab.txt'), 'utf8').replace(/\n$/, '').split('\n');
  const vocabulary = new Map(lines.map((line, id) => [line.replace(/\p{White_Space}+$/u, ''), id]));
  const special = new SpecialTokens(config, defaults);
  const added = special.added(vocabulary);
  const entry = (name: 'cls_token' | 'sep_token'): [string, number] => {
    const content = special.content(name);
    const token = added.find((one) => one.content === content);
    if (!token) throw new Error(`it names no ${name}`);
    return [token.content, token.id];
  };
  const flag = (name: string): boolean => config[name] !== false;
  const definition = {
    added_tokens: added,
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: flag('tokenize_chinese_chars'),
      strip_accents: config.strip_accents ?? null,
      lowercase: flag('do_lower_case'),
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    model: {
      type: 'WordPiece',
      vocab: Object.fromEntries(vocabulary),
      unk_token: special.content('unk_token'),
    },
    post_processor: { type: 'BertProcessing', cls: entry('cls_token'), sep: entry('sep_token') },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
  };
  return { definition, specialTokens: special.contents() };
}
