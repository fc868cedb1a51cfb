import { describe, expect, it } from 'vitest';
import { parseDecodingRules } from '../model/decoding-rules.js';
import { parseAudioSpectrogramTransformerConfig } from './audio-spectrogram-transformer-config.js';
import { parseBartConfig } from './bart-config.js';
import { parseClipVisionConfig } from './clip-config.js';
import { parseDinov2Config } from './dinov2-config.js';
import { parseGpt2Config } from './gpt2-config.js';
import { parseLlamaConfig, parseMistralConfig } from './llama-config.js';
import { parseOptConfig } from './opt-config.js';
import { parseT5Config } from './t5-config.js';
import { parseTimesformerConfig } from './timesformer-config.js';
import { parseVitConfig } from './vit-config.js';
import { parseWhisperEncoderConfig } from './whisper-config.js';

// The keys that config.json has on the hub, as far as they are known by heart; the files themselves are not at hand.
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

  it('of T5 small is read', () => {
    const config = parseT5Config(
      {
        ...{ architectures: ['T5WithLMHeadModel'], d_ff: 2048, d_kv: 64, d_model: 512, dropout_rate: 0.1 },
        ...{ decoder_start_token_id: 0, eos_token_id: 1, initializer_factor: 1, is_encoder_decoder: true },
        ...{ layer_norm_epsilon: 1e-6, model_type: 't5', n_positions: 512, num_heads: 8, num_layers: 6 },
        ...{ output_past: true, pad_token_id: 0, relative_attention_num_buckets: 32, vocab_size: 32128 },
        task_specific_params: { summarization: { early_stopping: true, prefix: 'summarize: ' } },
      },
      'test',
    );
    expect(config).toMatchObject({ feed_forward_proj: 'relu', relative_attention_max_distance: 128 });
  });

  it('of BART, fine-tuned and distilled, is read', () => {
    const bart = {
      ...{ _num_labels: 3, activation_dropout: 0, activation_function: 'gelu', add_bias_logits: false },
      ...{ add_final_layer_norm: false, architectures: ['BartForConditionalGeneration'], bos_token_id: 0 },
      ...{ attention_dropout: 0, classif_dropout: 0, d_model: 1024, decoder_attention_heads: 16 },
      ...{ decoder_ffn_dim: 4096, decoder_layerdrop: 0, decoder_layers: 6, decoder_start_token_id: 2 },
      ...{ dropout: 0.1, early_stopping: true, encoder_attention_heads: 16, encoder_ffn_dim: 4096 },
      ...{ encoder_layerdrop: 0, encoder_layers: 12, eos_token_id: 2, extra_pos_embeddings: 2 },
      ...{ force_bos_token_to_be_generated: true, init_std: 0.02, is_encoder_decoder: true },
      ...{ length_penalty: 2, max_length: 142, max_position_embeddings: 1024, min_length: 56, num_beams: 4 },
      ...{ model_type: 'bart', no_repeat_ngram_size: 3, normalize_before: false, normalize_embedding: true },
      ...{ num_hidden_layers: 12, output_past: true, pad_token_id: 1, prefix: ' ', replacing_rate: 0 },
      ...{ save_step: 58, scale_embedding: false, static_position_embeddings: false, vocab_size: 50264 },
      ...{ student_decoder_layers: null, student_encoder_layers: null, task_specific_params: {} },
    };
    expect(parseBartConfig(bart, 'test')).toMatchObject({ decoder_layers: 6, encoder_layers: 12 });
    expect(parseDecodingRules(bart, 'test')).toEqual({
      ...{ forcedFirstId: 0, forcedLastIds: [], minLength: 56, noRepeatNgramSize: 3 },
    });
  });

  const transformer = {
    ...{ attention_probs_dropout_prob: 0, hidden_act: 'gelu', hidden_dropout_prob: 0, hidden_size: 768 },
    ...{ initializer_range: 0.02, intermediate_size: 3072, layer_norm_eps: 1e-12, num_attention_heads: 12 },
    ...{ num_hidden_layers: 12, qkv_bias: true, ...usual },
  };
  const pictures = { image_size: 224, num_channels: 3, patch_size: 16 };

  it('of ViT, DINOv2, TimeSformer and AST is read', () => {
    const vit = { ...transformer, ...pictures, encoder_stride: 16, id2label: { 0: 'tench' } };
    expect(parseVitConfig({ ...vit, model_type: 'vit' }, 'test')).toMatchObject({
      patchSize: 16,
      width: 768,
    });
    const { intermediate_size: _, ...dinov2 } = transformer;
    const backbone = {
      ...{ apply_layernorm: true, drop_path_rate: 0, layerscale_value: 1, mlp_ratio: 4 },
      ...{ out_features: ['stage12'], out_indices: [12], reshape_hidden_states: true, stage_names: ['stem'] },
      use_swiglu_ffn: false,
    };
    const large = { ...dinov2, ...pictures, ...backbone, image_size: 518, patch_size: 14 };
    expect(parseDinov2Config({ ...large, model_type: 'dinov2' }, 'test').registers).toBeNull();
    const registered = { ...large, model_type: 'dinov2_with_registers', num_register_tokens: 4 };
    const resized = { ...registered, interpolate_antialias: true, interpolate_offset: 0 };
    expect(parseDinov2Config(resized, 'test').registers).toBe(4);
    expect(() => parseDinov2Config({ ...resized, interpolate_offset: 0.1 }, 'test')).toThrow(
      /interpolate_offset/,
    );
    expect(() => parseDinov2Config({ ...registered, model_type: 'dinov2' }, 'test')).toThrow(
      /has num_register_tokens 4/,
    );
    const clip = { attention_type: 'divided_space_time', drop_path_rate: 0, num_frames: 8 };
    const timesformer = { ...transformer, ...pictures, ...clip, model_type: 'timesformer' };
    expect(parseTimesformerConfig(timesformer, 'test').frames).toBe(8);
    const sound = { frequency_stride: 10, max_length: 1024, num_mel_bins: 128, patch_size: 16 };
    const ast = { ...transformer, ...sound, model_type: 'audio-spectrogram-transformer', time_stride: 10 };
    expect(parseAudioSpectrogramTransformerConfig(ast, 'test').frames).toBe(1024);
  });

  it('of CLIP is read, whose halves say all that any configuration has', () => {
    const all = {
      ...{ _name_or_path: '', add_cross_attention: false, bad_words_ids: null, bos_token_id: null },
      ...{ chunk_size_feed_forward: 0, cross_attention_hidden_size: null, do_sample: false, dropout: 0 },
      ...{ diversity_penalty: 0, early_stopping: false, eos_token_id: null, finetuning_task: null },
      ...{ is_decoder: false, is_encoder_decoder: false, max_length: 20, projection_dim: 768, top_k: 50 },
      ...{ pruned_heads: {}, tie_encoder_decoder: false, tie_word_embeddings: true, use_bfloat16: false },
    };
    const large = { hidden_size: 1024, intermediate_size: 4096, num_attention_heads: 16, patch_size: 14 };
    const whole = {
      ...{ architectures: ['CLIPModel'], initializer_factor: 1, logit_scale_init_value: 2.6592 },
      ...{ model_type: 'clip', projection_dim: 768, text_config: { ...all, vocab_size: 49408 } },
      ...{ text_config_dict: null, torch_dtype: 'float32', transformers_version: null },
      vision_config: { ...all, ...large, image_size: 336, model_type: 'clip_vision_model' },
    };
    expect(parseClipVisionConfig({ ...whole, vision_config_dict: null }, 'test')).toMatchObject({
      ...{ imageSize: [336, 336], patchSize: 14, width: 1024 },
    });
    // As in transformers 5.18: a dictionary that is there replaces the other, its own defaults among it.
    expect(parseClipVisionConfig({ ...whole, vision_config_dict: large }, 'test')).toMatchObject({
      ...{ imageSize: [224, 224], patchSize: 14, width: 1024 },
    });
    expect(() => parseClipVisionConfig({ ...whole, vision_config: { ...all, rope: 1 } }, 'test')).toThrow(
      "test's vision_config has rope 1",
    );
  });

  it('of Whisper is read', () => {
    const whisper = {
      ...{ activation_dropout: 0, activation_function: 'gelu', attention_dropout: 0, bos_token_id: 50257 },
      ...{ begin_suppress_tokens: [220, 50257], d_model: 384, decoder_attention_heads: 6, dropout: 0 },
      ...{ decoder_ffn_dim: 1536, decoder_layerdrop: 0, decoder_layers: 4, decoder_start_token_id: 50258 },
      ...{ encoder_attention_heads: 6, encoder_ffn_dim: 1536, encoder_layerdrop: 0, encoder_layers: 4 },
      ...{ forced_decoder_ids: [[1, 50259]], init_std: 0.02, is_encoder_decoder: true, max_length: 448 },
      ...{ max_source_positions: 1500, max_target_positions: 448, model_type: 'whisper', num_mel_bins: 80 },
      ...{
        num_hidden_layers: 4,
        scale_embedding: false,
        suppress_tokens: [1, 2],
        vocab_size: 51865,
        ...usual,
      },
    };
    expect(parseWhisperEncoderConfig(whisper, 'test')).toMatchObject({ bins: 80, layers: 4 });
  });

  it("of timm is read, and model_args go before pretrained_cfg before the architecture's name", () => {
    const pretrained = {
      ...{ classifier: 'head', crop_pct: 0.9, custom_load: true, first_conv: 'patch_embed.proj' },
      ...{ fixed_input_size: true, input_size: [1, 384, 128], num_classes: 1000, pool_size: null },
    };
    const timm = {
      ...{ architecture: 'vit_base_patch16_224', global_pool: 'token', num_classes: 1000, num_features: 768 },
      ...{ label_names: ['tench'], pretrained_cfg: pretrained },
    };
    const read = (change: object) => parseVitConfig({ ...timm, ...change }, 'test');
    expect(read({})).toMatchObject({ channels: 1, imageSize: [384, 128], patchSize: 16 });
    expect(read({ model_args: { img_size: 32, in_chans: 2, patch_size: 8 } })).toMatchObject({
      ...{ channels: 2, imageSize: [32, 32], patchSize: 8 },
    });
    const flexible = { ...pretrained, fixed_input_size: false };
    expect(read({ pretrained_cfg: flexible })).toMatchObject({ channels: 1, imageSize: [224, 224] });
    expect(() => read({ pretrained_cfg: { ...pretrained, global_pool: 'avg' } })).toThrow(
      /leaves out the final norm/,
    );
    const averaged = { ...pretrained, global_pool: 'avg' };
    expect(read({ model_args: { fc_norm: false }, pretrained_cfg: averaged }).layers).toBe(12);
  });

  it.each(['vit_base_patch16_224_miil', 'vit_base_patch32_224_clip_laion2b', 'vit_small_patch16_36x1_224'])(
    'of timm by the name of another architecture, %s, is refused',
    (architecture) => {
      expect(() => parseVitConfig({ architecture }, 'test')).toThrow(/architecture/);
      expect(parseVitConfig({ architecture: 'vit_base_patch16_224_in21k' }, 'test').layers).toBe(12);
    },
  );
});
