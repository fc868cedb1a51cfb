import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadBackbone, loadEncoder, loadEncoderDecoder, loadLanguageModel } from '../load.js';
import { parseDecodingRules } from '../model/decoding-rules.js';
import { parseBartConfig } from './bart-config.js';
import { feedForwardOf, parseT5Config } from './t5-config.js';

const t5 = {
  model_type: 't5',
  d_model: 8,
  d_kv: 4,
  d_ff: 16,
  num_layers: 1,
  num_heads: 2,
  vocab_size: 20,
};
const bart = {
  model_type: 'bart',
  d_model: 8,
  encoder_layers: 1,
  decoder_layers: 1,
  encoder_ffn_dim: 16,
  decoder_ffn_dim: 16,
  encoder_attention_heads: 2,
  decoder_attention_heads: 2,
  max_position_embeddings: 20,
  vocab_size: 20,
};

describe('a T5 configuration', () => {
  it.each([
    ['relu', 'relu', false],
    ['gelu', 'gelu', false],
    ['gated-gelu', 'geluTanh', true],
    ['gated-gelu_new', 'geluTanh', true],
    ['gated-silu', 'silu', true],
  ])('reads the feed-forward %s', (feed_forward_proj, activation, isGated) => {
    const config = parseT5Config({ ...t5, feed_forward_proj }, 'x');
    expect(feedForwardOf(config)).toMatchObject({ activation, isGated });
  });

  it.each<[object, RegExp]>([
    [{ feed_forward_proj: 'gated-mish' }, /x is not a configuration of t5 .*\n.*\n.*feed_forward_proj/],
    [{ is_encoder_decoder: false }, /is_encoder_decoder/],
    [{ dense_act_fn: 'silu' }, /dense_act_fn silu and is_gated_act false contradict feed_forward_proj relu/],
    [{ relative_attention_max_distance: 16 }, /num_buckets 32 must be at least 4 and .*max_distance 16/],
    [{ d_kv: undefined }, /d_kv/],
  ])('refuses %j', (change, message) => {
    expect(() => parseT5Config({ ...t5, ...change }, 'x')).toThrow(message);
  });
});

describe('a BART configuration', () => {
  it.each<[object, RegExp]>([
    [{ normalize_before: true }, /x is not a configuration of bart .*\n.*\n.*normalize_before/],
    [{ add_final_layer_norm: true }, /add_final_layer_norm/],
    [{ static_position_embeddings: true }, /static_position_embeddings/],
    [{ tie_word_embeddings: false }, /tie_word_embeddings/],
    [{ activation_function: 'mish' }, /activation_function/],
    [{ decoder_attention_heads: 3 }, /d_model 8 is not a multiple of decoder_attention_heads 3/],
  ])('refuses %j', (change, message) => {
    expect(() => parseBartConfig({ ...bart, ...change }, 'x')).toThrow(message);
  });
});

describe('decoding rules', () => {
  it('are read in every form', () => {
    expect(
      parseDecodingRules({ bad_words_ids: null, suppress_tokens: [], repetition_penalty: 1 }, 'x'),
    ).toEqual({
      forcedFirstId: null,
      forcedLastIds: [],
      minLength: 0,
      noRepeatNgramSize: 0,
    });
    const rules = { forced_bos_token_id: 0, forced_eos_token_id: 2, min_length: 5, no_repeat_ngram_size: 3 };
    expect(parseDecodingRules(rules, 'x')).toEqual({
      forcedFirstId: 0,
      forcedLastIds: [2],
      minLength: 5,
      noRepeatNgramSize: 3,
    });
    const first = { bos_token_id: 4, force_bos_token_to_be_generated: true };
    expect(parseDecodingRules(first, 'x').forcedFirstId).toBe(4);
    expect(parseDecodingRules({ bos_token_id: 4 }, 'x').forcedFirstId).toBeNull();
    expect(parseDecodingRules({ forced_eos_token_id: [2, 3] }, 'x').forcedLastIds).toEqual([2, 3]);
  });

  it.each([
    { repetition_penalty: 1.2 },
    { bad_words_ids: [[4]] },
    { suppress_tokens: [7] },
    { encoder_no_repeat_ngram_size: 3 },
  ])('refuse %j by name', (rule) => {
    expect(() => parseDecodingRules(rule, 'x')).toThrow(
      new RegExp(`does not know:(.*\n)*.*${Object.keys(rule)[0]}`),
    );
  });
});

describe('loading', () => {
  const folder = (name: string): string =>
    fileURLToPath(new URL(`../../test/fixtures/${name}`, import.meta.url));

  it('says which kind of model a folder holds', () => {
    expect(() => loadLanguageModel(folder('t5'))).toThrow(
      /t5 holds an encoder-decoder language model; a language model was expected/,
    );
    expect(() => loadEncoderDecoder(folder('opt-text'))).toThrow(
      /holds a language model; an encoder-decoder language model was expected/,
    );
    expect(() => loadEncoder(folder('bart'))).toThrow(/; an encoder was expected/);
  });

  it('goes by generation_config.json', () => {
    const directory = mkdtempSync(join(tmpdir(), 'ocelli-bart-'));
    try {
      writeFileSync(join(directory, 'config.json'), JSON.stringify(bart));
      writeFileSync(join(directory, 'generation_config.json'), JSON.stringify({ bad_words_ids: [[1]] }));
      writeFileSync(
        join(directory, 'model.safetensors'),
        Buffer.concat([Buffer.of(2, 0, 0, 0, 0, 0, 0, 0), Buffer.from('{}')]),
      );
      expect(() => loadBackbone(directory)).toThrow(
        /generation_config\.json asks for .*\n.*\n.*bad_words_ids/,
      );
      rmSync(join(directory, 'generation_config.json'));
      expect(() => loadBackbone(directory)).toThrow(
        /has no tensor "model\.shared\.weight" of shape \[20, 8\]/,
      );
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
