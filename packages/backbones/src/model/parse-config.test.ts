import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseGpt2Config } from '../architectures/gpt2-config.js';
import { parseLlamaConfig, parseMistralConfig } from '../architectures/llama-config.js';
import { parseOptConfig } from '../architectures/opt-config.js';
import { parseConfig } from './parse-config.js';

const reading = {
  name: 'tiny',
  schema: z.object({ hidden_size: z.number(), hidden_act: z.enum(['relu']).default('relu') }),
  unread: ['summary_type'],
};
const parse = (json: unknown): unknown => parseConfig(reading, json, 'folder/config.json');

describe('parseConfig', () => {
  it('gives the keys that change the arithmetic, and passes over those that do not', () => {
    expect(
      parse({
        hidden_size: 8,
        dropout: 0.1,
        torch_dtype: 'float16',
        summary_type: 'mean',
        pruned_heads: {},
        is_decoder: false,
        id2label: { 0: 'a' },
      }),
    ).toEqual({ hidden_size: 8, hidden_act: 'relu' });
  });

  it('refuses a key that it does not know, by name', () => {
    expect(() => parse({ hidden_size: 8, logit_softcap: 30 })).toThrow(
      '[tiny] folder/config.json has logit_softcap 30, a key that Ocelli does not know and that may change the ' +
        "arithmetic; take it out if the model's own code does not read it",
    );
  });

  it('refuses a key of transformers that changes the arithmetic with this value', () => {
    expect(() => parse({ hidden_size: 8, pruned_heads: { 0: [1] } })).toThrow(
      '[tiny] folder/config.json has pruned_heads {"0":[1]}; Ocelli runs tiny with {} only',
    );
    expect(() => parse({ hidden_size: 8, quantization_config: { bits: 4 } })).toThrow(/quantization_config/);
  });

  it('says key by key what is wrong', () => {
    expect(() => parse({ hidden_act: 'tanh' })).toThrow(
      /\[tiny\] folder\/config.json is not a configuration of tiny that Ocelli runs:[\s\S]*hidden_size[\s\S]*hidden_act/,
    );
    expect(() => parse(null)).toThrow(/is not a configuration of tiny/);
  });
});

const readers = {
  opt: parseOptConfig,
  gpt2: parseGpt2Config,
  llama: parseLlamaConfig,
  mistral: parseMistralConfig,
};

describe.each(Object.keys(readers) as (keyof typeof readers)[])('a configuration of %s', (type) => {
  const fixtures = new URL('../../test/fixtures/', import.meta.url);
  const configs = readdirSync(fixtures)
    .filter((name) => existsSync(new URL(`${name}/config.json`, fixtures)))
    .map((name) => JSON.parse(readFileSync(new URL(`${name}/config.json`, fixtures), 'utf8')))
    .filter((config: { model_type?: string }) => config.model_type === type) as Record<string, unknown>[];

  it('is read as transformers writes it, and not with one key more', () => {
    expect(configs.length).toBeGreaterThan(0);
    for (const config of configs) {
      readers[type](config, 'test');
      expect(() => readers[type]({ ...config, residual_multiplier: 2 }, 'test')).toThrow(
        `[${type}] test has residual_multiplier 2`,
      );
    }
  });
});

describe('what architectures refuse', () => {
  const gpt2 = { model_type: 'gpt2', n_embd: 24, n_head: 3, n_layer: 2, n_positions: 64, vocab_size: 100 };
  const llama = {
    model_type: 'llama',
    hidden_size: 24,
    intermediate_size: 40,
    max_position_embeddings: 64,
    num_attention_heads: 4,
    num_hidden_layers: 2,
    vocab_size: 100,
  };

  it.each<[object, RegExp]>([
    [{ add_cross_attention: true }, /add_cross_attention true; Ocelli runs gpt2 with false only/],
    [{ activation_function: 'mish' }, /activation_function/],
    [{ n_head: 5 }, /n_embd 24 is not a multiple of n_head 5/],
    [{ eos_token_id: null }, /eos_token_id/],
  ])('gpt2 with %j', (change, message) => {
    expect(() => parseGpt2Config({ ...gpt2, ...change }, 'test')).toThrow(message);
  });

  it.each<[object, RegExp]>([
    [{ pretraining_tp: 2 }, /pretraining_tp/],
    [{ num_key_value_heads: 3 }, /num_attention_heads 4 is not a multiple of num_key_value_heads 3/],
    [{ head_dim: 5 }, /heads of 5; rotary positions need even ones/],
    [{ rope_scaling: { type: 'su', factor: 2 } }, /rope_scaling of type "su"/],
    [{ sliding_window: 8 }, /sliding_window 8, a key that Ocelli does not know/],
  ])('llama with %j', (change, message) => {
    expect(() => parseLlamaConfig({ ...llama, ...change }, 'test')).toThrow(message);
  });

  it('reads a Mistral as far as its window', () => {
    const mistral = { ...llama, model_type: 'mistral' };
    expect(parseMistralConfig({ ...mistral, sliding_window: 24 }, 'test').maxPositions).toBe(24);
    expect(parseMistralConfig({ ...mistral, sliding_window: null }, 'test').maxPositions).toBe(64);
    expect(parseMistralConfig(mistral, 'test').maxPositions).toBe(64);
  });

  it('gives a special token to what has none', () => {
    const { ids } = parseLlamaConfig({ ...llama, eos_token_id: [9, 8], pad_token_id: -1 }, 'test');
    expect(ids).toEqual({ beginId: 1, endId: 9, endIds: [9, 8], padId: 9 });
  });
});

// The keys that config.json has on the hub.
describe('a published configuration', () => {
  const usual = { torch_dtype: 'float16', transformers_version: '4.31.0', use_cache: true };

  it('of GPT-2 XL is read', () => {
    const config = parseGpt2Config(
      {
        ...{ activation_function: 'gelu_new', architectures: ['GPT2LMHeadModel'], attn_pdrop: 0.1 },
        ...{ bos_token_id: 50256, embd_pdrop: 0.1, eos_token_id: 50256, initializer_range: 0.02 },
        ...{
          layer_norm_epsilon: 1e-5,
          model_type: 'gpt2',
          n_ctx: 1024,
          n_embd: 1600,
          n_head: 25,
          n_layer: 48,
        },
        ...{ n_positions: 1024, output_past: true, resid_pdrop: 0.1, summary_activation: null },
        ...{ summary_first_dropout: 0.1, summary_proj_to_labels: true, summary_type: 'cls_index' },
        ...{ summary_use_proj: true, task_specific_params: { 'text-generation': { do_sample: true } } },
        vocab_size: 50257,
      },
      'test',
    );
    expect(config).toMatchObject({
      feedForwardWidth: 6400,
      scaledByHead: true,
      scaledByLayer: false,
      tiedHead: true,
    });
    expect(config.ids).toEqual({ beginId: 50256, endId: 50256, endIds: [50256], padId: 50256 });
  });

  const llama = {
    ...{
      architectures: ['LlamaForCausalLM'],
      hidden_act: 'silu',
      hidden_size: 4096,
      initializer_range: 0.02,
    },
    ...{ model_type: 'llama', num_attention_heads: 32, num_hidden_layers: 32, rms_norm_eps: 1e-5 },
    ...{ pretraining_tp: 1, tie_word_embeddings: false, ...usual },
  };

  it('of LLaMA 2 and 3.1 is read', () => {
    const two = parseLlamaConfig(
      {
        ...{ ...llama, bos_token_id: 1, eos_token_id: 2, intermediate_size: 11008, num_key_value_heads: 32 },
        ...{ _name_or_path: 'x', max_position_embeddings: 4096, rope_scaling: null, vocab_size: 32000 },
      },
      'test',
    );
    expect(two).toMatchObject({ keyValueHeads: 32, headSize: 128, rotary: { rope_type: 'default' } });
    const three = parseLlamaConfig(
      {
        ...{ ...llama, attention_bias: false, attention_dropout: 0, bos_token_id: 128000, mlp_bias: false },
        ...{ eos_token_id: [128001, 128008, 128009], intermediate_size: 14336, num_key_value_heads: 8 },
        ...{ max_position_embeddings: 131072, rope_theta: 500000, vocab_size: 128256 },
        rope_scaling: {
          ...{ factor: 8, low_freq_factor: 1, high_freq_factor: 4 },
          ...{ original_max_position_embeddings: 8192, rope_type: 'llama3' },
        },
      },
      'test',
    );
    expect(three).toMatchObject({ keyValueHeads: 8, maxPositions: 131072, rotary: { rope_theta: 500000 } });
    expect(three.ids.endIds).toHaveLength(3);
  });

  it('of Mistral 7B is read', () => {
    const { pretraining_tp: _, ...mistral } = llama;
    const config = parseMistralConfig(
      {
        ...{ ...mistral, architectures: ['MistralForCausalLM'], model_type: 'mistral' },
        ...{ bos_token_id: 1, eos_token_id: 2, intermediate_size: 14336, max_position_embeddings: 32768 },
        ...{ num_key_value_heads: 8, rope_theta: 10000, sliding_window: 4096, vocab_size: 32000 },
      },
      'test',
    );
    expect(config).toMatchObject({ maxPositions: 4096, attentionBias: false });
  });

  it('of OPT-350M and Galactica is read', () => {
    const opt = {
      ...{ activation_dropout: 0, architectures: ['OPTForCausalLM'], attention_dropout: 0, bos_token_id: 2 },
      ...{ dropout: 0.1, eos_token_id: 2, ffn_dim: 4096, hidden_size: 1024, init_std: 0.02, layerdrop: 0 },
      ...{ max_position_embeddings: 2048, model_type: 'opt', num_attention_heads: 16, num_hidden_layers: 24 },
      ...{ pad_token_id: 1, prefix: '</s>', vocab_size: 50272, ...usual },
    };
    const projected = parseOptConfig(
      { ...opt, activation_function: 'relu', do_layer_norm_before: false, word_embed_proj_dim: 512 },
      'test',
    );
    expect(projected).toMatchObject({ do_layer_norm_before: false, word_embed_proj_dim: 512 });
    const galactica = { activation_function: 'gelu', learned_embeddings: true, scale_embeddings: false };
    expect(parseOptConfig({ ...opt, ...galactica }, 'test').activation_function).toBe('gelu');
    expect(() => parseOptConfig({ ...opt, scale_embeddings: true }, 'test')).toThrow(/scale_embeddings/);
  });
});
