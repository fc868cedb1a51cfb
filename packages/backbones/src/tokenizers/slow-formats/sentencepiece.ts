import { readFileSync } from 'node:fs';
import type { AddedToken } from '../engine/added-tokens.js';
import type { Conversion } from './byte-level.js';
import {
  readSentencePieceModel,
  type SentencePiece,
  type SentencePieceModel,
} from './sentencepiece-model.js';
import { type JsonObject, SpecialTokens } from './special-tokens.js';

const unigram = 1;
const bpe = 2;
const control = 3;
const userDefined = 4;
const mark = '▁';

/** LLaMA's BPE with byte fallback from a SentencePiece model; `legacy` and `add_prefix_space` as the configuration has them. */
export function convertLlama(path: string, config: JsonObject): Conversion {
  const model = readSentencePieceModel(readFileSync(path));
  if (model.modelType !== bpe) throw new Error(`its model type is ${model.modelType}; LLaMA's is BPE (2)`);
  const vocabulary = new Map(model.pieces.map(({ piece }, id) => [piece, id]));
  const special = new SpecialTokens(config, { unk_token: '<unk>', bos_token: '<s>', eos_token: '</s>' });
  const addsSpace = config.add_prefix_space !== false;
  const scheme = config.legacy === true ? 'always' : 'first';
  const decoders = [
    { type: 'Replace', pattern: { String: mark }, content: ' ' },
    { type: 'ByteFallback' },
    { type: 'Fuse' },
    ...(addsSpace ? [{ type: 'Strip', content: ' ', start: 1, stop: 0 }] : []),
  ];
  const definition = {
    added_tokens: special.added(vocabulary, piecesThatAreTokens(model.pieces)),
    normalizer: null,
    pre_tokenizer: {
      type: 'Metaspace',
      replacement: mark,
      prepend_scheme: addsSpace ? scheme : 'never',
      split: false,
    },
    model: {
      type: 'BPE',
      vocab: Object.fromEntries(vocabulary),
      merges: mergesOf(vocabulary),
      fuse_unk: true,
      byte_fallback: true,
    },
    post_processor: null,
    decoder: { type: 'Sequence', decoders },
  };
  return { definition, specialTokens: special.contents() };
}

/** T5's unigram model from a SentencePiece model, with the `extra_ids` sentinels at the end. */
export function convertT5(path: string, config: JsonObject): Conversion {
  const model = readSentencePieceModel(readFileSync(path));
  if (model.modelType !== unigram)
    throw new Error(`its model type is ${model.modelType}; T5's is unigram (1)`);
  const count = Number(config.extra_ids ?? 100);
  if (!Number.isInteger(count) || count < 0 || count > 100_000)
    throw new Error(`extra_ids is ${JSON.stringify(config.extra_ids)}; it has to be a count`);
  const sentinels = Array.from({ length: count }, (_, index) => `<extra_id_${count - 1 - index}>`);
  const vocab = [
    ...model.pieces.map(({ piece, score }): [string, number] => [piece, score]),
    ...sentinels.map((piece): [string, number] => [piece, 0]),
  ];
  const vocabulary = new Map(vocab.map(([piece], id) => [piece, id]));
  const special = new SpecialTokens(config, { eos_token: '</s>', unk_token: '<unk>', pad_token: '<pad>' });
  const added = special.added(vocabulary, [
    ...piecesThatAreTokens(model.pieces),
    ...sentinels.map((content) => plainToken(content, true)),
  ]);
  const end = added.find(({ content }) => content === special.content('eos_token'));
  if (!end) throw new Error('it names no eos_token');
  const metaspace = { type: 'Metaspace', replacement: mark, prepend_scheme: 'always', split: true };
  const definition = {
    added_tokens: added,
    normalizer: normalizerOf(model),
    pre_tokenizer: { type: 'Sequence', pretokenizers: [{ type: 'WhitespaceSplit' }, metaspace] },
    model: { type: 'Unigram', vocab, unk_id: 2, byte_fallback: false },
    post_processor: {
      type: 'TemplateProcessing',
      single: [{ Sequence: { id: 'A', type_id: 0 } }, { SpecialToken: { id: '</s>', type_id: 0 } }],
      special_tokens: { '</s>': { id: '</s>', ids: [end.id], tokens: ['</s>'] } },
    },
    decoder: metaspace,
  };
  return { definition, specialTokens: special.contents() };
}

function normalizerOf({ charsmap }: SentencePieceModel): JsonObject | null {
  if (charsmap.length === 0) return null;
  return { type: 'Precompiled', precompiled_charsmap: Buffer.from(charsmap).toString('base64') };
}

/** Control pieces are special tokens, a user's own pieces are plain ones. */
function piecesThatAreTokens(pieces: readonly SentencePiece[]): Omit<AddedToken, 'id'>[] {
  return pieces
    .filter(({ type }) => type === control || type === userDefined)
    .map(({ piece, type }) => plainToken(piece, type === control));
}

function plainToken(content: string, special: boolean): Omit<AddedToken, 'id'> {
  return { content, special, normalized: false, single_word: false, lstrip: false, rstrip: false };
}

/**
 * The merges that a SentencePiece BPE vocabulary stands for: each cut of a piece into two others, pieces by their ids, which
 * are in the order of training, and of one piece's cuts the shorter left part first.
 */
function mergesOf(vocabulary: ReadonlyMap<string, number>): [string, string][] {
  const merges: [string, string][] = [];
  for (const [piece] of [...vocabulary].sort(([, left], [, right]) => left - right)) {
    const characters = Array.from(piece);
    for (let length = 1; length < characters.length; length++) {
      const left = characters.slice(0, length).join('');
      const right = characters.slice(length).join('');
      if (vocabulary.has(left) && vocabulary.has(right)) merges.push([left, right]);
    }
  }
  return merges;
}
