import {
  AudioSpectrogramTransformerModel,
  type Backbone,
  type BackboneOptions,
  OptModel,
  parseAudioSpectrogramTransformerConfig,
  parseOptConfig,
  parseTimesformerConfig,
  parseVitConfig,
  TimesformerModel,
  VitModel,
  type WeightSource,
} from '@ocelli/backbones';
import { standInVocabulary } from './stand-in-tokenizer.js';

type Json = Readonly<Record<string, unknown>>;

/** An architecture that a dry run knows how to stand in for. */
export interface StandInArchitecture {
  /** A model of tensors from anywhere. */
  build(config: Json, source: WeightSource, options?: BackboneOptions): Backbone;
  /** The configuration of a model with as many layers, and hardly any width. */
  shrink(config: Json): Json;
  /** `preprocessor_config.json` of the small model; null for a language model. */
  readonly processor: Json | null;
}

const small = { hidden_size: 16, intermediate_size: 32, num_attention_heads: 2 };
const side = 32;

const pictures = {
  size: { height: side, width: side },
  image_mean: [0.5, 0.5, 0.5],
  image_std: [0.5, 0.5, 0.5],
};
const bands = { num_mel_bins: 32, max_length: 64 };

const vit: StandInArchitecture = {
  build: (config, source, options) => ({
    kind: 'encoder',
    model: new VitModel(parseVitConfig(config, 'config.json'), source, 'stand-in', options),
  }),
  shrink: (config) => ({
    ...small,
    model_type: 'vit',
    image_size: side,
    patch_size: side / 2,
    num_hidden_layers: parseVitConfig(config, 'config.json').layers,
  }),
  processor: { ...pictures, image_processor_type: 'ViTImageProcessor', resample: 3 },
};

/** By `model_type`; `timm` is what has an `architecture` instead. */
export const standInArchitectures: Readonly<Record<string, StandInArchitecture>> = {
  vit,
  timm: vit,
  timesformer: {
    build: (config, source, options) => ({
      kind: 'encoder',
      model: new TimesformerModel(parseTimesformerConfig(config, 'config.json'), source, 'stand-in', options),
    }),
    shrink(config) {
      const { layers, frames } = parseTimesformerConfig(config, 'config.json');
      return {
        ...small,
        model_type: 'timesformer',
        image_size: side,
        patch_size: side / 2,
        num_frames: frames,
        num_hidden_layers: layers,
      };
    },
    processor: {
      ...pictures,
      image_processor_type: 'VideoMAEImageProcessor',
      size: { shortest_edge: side },
      crop_size: { height: side, width: side },
      resample: 2,
    },
  },
  'audio-spectrogram-transformer': {
    build: (config, source, options) => ({
      kind: 'encoder',
      model: new AudioSpectrogramTransformerModel(
        parseAudioSpectrogramTransformerConfig(config, 'config.json'),
        source,
        'stand-in',
        options,
      ),
    }),
    shrink: (config) => ({
      ...small,
      ...bands,
      model_type: 'audio-spectrogram-transformer',
      patch_size: 16,
      frequency_stride: 16,
      time_stride: 16,
      num_hidden_layers: parseAudioSpectrogramTransformerConfig(config, 'config.json').layers,
    }),
    processor: { ...bands, feature_extractor_type: 'ASTFeatureExtractor', sampling_rate: 16_000 },
  },
  opt: {
    build: (config, source, options) => ({
      kind: 'languageModel',
      model: new OptModel(parseOptConfig(config, 'config.json'), source, 'stand-in', options),
    }),
    shrink(config) {
      const { num_hidden_layers, max_position_embeddings } = parseOptConfig(config, 'config.json');
      return {
        model_type: 'opt',
        hidden_size: small.hidden_size,
        ffn_dim: small.intermediate_size,
        num_attention_heads: small.num_attention_heads,
        num_hidden_layers,
        max_position_embeddings,
        vocab_size: standInVocabulary,
      };
    },
    processor: null,
  },
};

function opt(width: number, layers: number, heads: number): Json {
  return {
    model_type: 'opt',
    hidden_size: width,
    ffn_dim: 4 * width,
    num_hidden_layers: layers,
    num_attention_heads: heads,
    max_position_embeddings: 2048,
    vocab_size: 50_272,
  };
}

const base = {
  hidden_size: 768,
  intermediate_size: 3072,
  num_hidden_layers: 12,
  num_attention_heads: 12,
};

/** What `config.json` of published checkpoints says of their shape, for where it is not on this machine. */
export const publishedShapes: Readonly<Record<string, Json>> = {
  'facebook/opt-125m': opt(768, 12, 12),
  'facebook/opt-1.3b': opt(2048, 24, 32),
  'facebook/opt-2.7b': opt(2560, 32, 32),
  'facebook/opt-6.7b': opt(4096, 32, 32),
  'timm/vit_base_patch16_224.augreg_in21k_ft_in1k': { architecture: 'vit_base_patch16_224' },
  'timm/vit_large_patch16_224.augreg_in21k_ft_in1k': { architecture: 'vit_large_patch16_224' },
  'facebook/timesformer-base-finetuned-k600': { ...base, model_type: 'timesformer' },
  'MIT/ast-finetuned-audioset-10-10-0.4593': { ...base, model_type: 'audio-spectrogram-transformer' },
};
