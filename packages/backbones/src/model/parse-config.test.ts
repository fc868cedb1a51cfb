import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseAudioSpectrogramTransformerConfig } from '../architectures/audio-spectrogram-transformer-config.js';
import { parseBartConfig } from '../architectures/bart-config.js';
import { parseClipVisionConfig } from '../architectures/clip-config.js';
import { parseDinov2Config } from '../architectures/dinov2-config.js';
import { parseGpt2Config } from '../architectures/gpt2-config.js';
import { architectures } from '../architectures/index.js';
import { parseLlamaConfig, parseMistralConfig } from '../architectures/llama-config.js';
import { parseOptConfig } from '../architectures/opt-config.js';
import { parseT5Config } from '../architectures/t5-config.js';
import { parseTimesformerConfig } from '../architectures/timesformer-config.js';
import { parseVitConfig } from '../architectures/vit-config.js';
import { parseWhisperEncoderConfig } from '../architectures/whisper-config.js';
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

type Json = Record<string, unknown>;
type Read = (json: unknown, origin: string) => object;

/** By `model_type`; timm's own files have none. */
const readers: Record<string, Read> = {
  opt: parseOptConfig,
  gpt2: parseGpt2Config,
  llama: parseLlamaConfig,
  mistral: parseMistralConfig,
  t5: parseT5Config,
  bart: parseBartConfig,
  vit: parseVitConfig,
  deit: parseVitConfig,
  timm_wrapper: parseVitConfig,
  clip: parseClipVisionConfig,
  clip_vision_model: parseClipVisionConfig,
  dinov2: parseDinov2Config,
  dinov2_with_registers: parseDinov2Config,
  timesformer: parseTimesformerConfig,
  'audio-spectrogram-transformer': parseAudioSpectrogramTransformerConfig,
  whisper: parseWhisperEncoderConfig,
};
const fixtures = new URL('../../test/fixtures/', import.meta.url);
const fixtureConfigs = readdirSync(fixtures)
  .filter((name) => existsSync(new URL(`${name}/config.json`, fixtures)))
  .map((name): Json => JSON.parse(readFileSync(new URL(`${name}/config.json`, fixtures), 'utf8')));
const defaultConfigs: Record<string, Json> = JSON.parse(
  readFileSync(new URL('../../test/default-configs.json', import.meta.url), 'utf8'),
);

it('has a default configuration and fixtures of every architecture', () => {
  const types = [...architectures.keys()].map((type) => (type === 'timm' ? 'timm_wrapper' : type)).sort();
  expect(Object.keys(readers).sort()).toEqual(types);
  expect(Object.keys(defaultConfigs).sort()).toEqual(types);
  expect(fixtureConfigs.every(({ model_type: type }) => type === undefined || String(type) in readers)).toBe(
    true,
  );
});

/** Keys that choose the reader, and those that say what others say as well: a file without them reads otherwise. */
const neverLeftOut = [
  ...['model_type', 'architecture'],
  ...['dense_act_fn', 'is_gated_act', 'num_decoder_layers', 'scale_decoder_outputs', 'word_embed_proj_dim'],
];

describe.each(Object.entries(readers))('a configuration of %s', (type, read) => {
  const written = defaultConfigs[type]!;
  const configs = fixtureConfigs.filter(({ model_type }) => (model_type ?? 'timm_wrapper') === type);

  it('is read as transformers writes it, and not with one key more', () => {
    expect(configs.length).toBeGreaterThan(0);
    for (const config of [...configs, written]) {
      read(config, 'test');
      expect(() => read({ ...config, residual_multiplier: 2 }, 'test')).toThrow(
        /^\[.*\] test has residual_multiplier 2, a key that Ocelli does not know/,
      );
    }
  });

  it("has transformers' defaults for the keys that are left out", () => {
    const whole = read(written, 'test');
    for (const key of Object.keys(written)) {
      if (neverLeftOut.includes(key)) continue;
      const { [key]: _, ...rest } = written;
      let partial: object;
      try {
        partial = read(rest, 'test');
      } catch (error) {
        expect(String(error)).toContain(`at ${key}`); // asked for, not guessed
        continue;
      }
      expect(partial, `without ${key}`).toEqual(whole);
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
    const mistral = { ...llama, model_type: 'mistral', num_key_value_heads: 4 };
    expect(parseMistralConfig({ ...mistral, sliding_window: 24 }, 'test').maxPositions).toBe(24);
    expect(parseMistralConfig({ ...mistral, sliding_window: null }, 'test').maxPositions).toBe(64);
    expect(parseMistralConfig(mistral, 'test').maxPositions).toBe(64);
  });

  it('gives a special token to what has none', () => {
    const { ids } = parseLlamaConfig({ ...llama, eos_token_id: [9, 8], pad_token_id: -1 }, 'test');
    expect(ids).toEqual({ beginId: 1, endId: 9, endIds: [9, 8], padId: 9 });
  });
});
