import { byteCharacters } from './byte-level.js';
import { specialTokens } from './special-tokens.js';
import type { Merge } from './train-byte-pair-encoding.js';

/** What Hugging Face's `tokenizer.json` and `tokenizer_config.json` hold. */
export interface TokenizerFiles {
  readonly tokenizer: object;
  readonly config: object;
}

/**
 * A word has one token wherever it stands: the first word of a text, or after `</a>`, gets the space that others have
 * anyhow. A small model has no time to learn two tokens for each.
 */
const byteLevel = { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true };

/**
 * A byte-level BPE tokenizer as Hugging Face's `tokenizers` writes it, with OPT's special tokens (ids 0 to 3), the answer
 * separator `</a>` (4), the bytes (5 to 260) and then the merged symbols. Encoding puts `</s>` in front; decoding drops
 * the space before the first word.
 *
 * @param maxTokens the longest sequence that the model takes.
 */
export function tokenizerFiles(merges: readonly Merge[], maxTokens: number): TokenizerFiles {
  const merged = merges.map(([left, right]) => left + right);
  const symbols = [...new Set([...specialTokens, ...byteCharacters, ...merged])];
  const begin = { SpecialToken: { id: '</s>', type_id: 0 } };
  const text = (id: 'A' | 'B') => ({ Sequence: { id, type_id: 0 } });
  return {
    tokenizer: {
      version: '1.0',
      truncation: null,
      padding: null,
      added_tokens: specialTokens.map((content, id) => ({
        id,
        content,
        single_word: false,
        lstrip: false,
        rstrip: false,
        normalized: false,
        special: true,
      })),
      normalizer: null,
      pre_tokenizer: byteLevel,
      post_processor: {
        type: 'TemplateProcessing',
        single: [begin, text('A')],
        pair: [begin, text('A'), begin, text('B')],
        special_tokens: { '</s>': { id: '</s>', ids: [specialTokens.indexOf('</s>')], tokens: ['</s>'] } },
      },
      decoder: {
        type: 'Sequence',
        decoders: [byteLevel, { type: 'Strip', content: ' ', start: 1, stop: 0 }],
      },
      model: {
        type: 'BPE',
        dropout: null,
        unk_token: null,
        continuing_subword_prefix: null,
        end_of_word_suffix: null,
        fuse_unk: false,
        byte_fallback: false,
        ignore_merges: false,
        vocab: Object.fromEntries(symbols.map((symbol, id) => [symbol, id])),
        merges,
      },
    },
    config: {
      add_bos_token: true,
      add_prefix_space: true,
      errors: 'replace',
      bos_token: '</s>',
      eos_token: '</s>',
      unk_token: '</s>',
      pad_token: '<pad>',
      additional_special_tokens: ['</a>'],
      model_max_length: maxTokens,
      tokenizer_class: 'PreTrainedTokenizerFast',
    },
  };
}
