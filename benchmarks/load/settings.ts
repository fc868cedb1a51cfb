import { optConfig as opt125, vitConfig as vitBase } from '../step/settings.js';

/** A model that is loaded from its file, frozen in the type in which the file has it. */
export interface LoadedModel {
  readonly name: string;
  readonly kind: 'languageModel' | 'encoder';
  /** `config.json`, as Hugging Face writes it. */
  readonly config: object;
}

/** The models of the suite, in two types each. */
export const models: readonly LoadedModel[] = [
  {
    name: 'OPT-1.3B',
    kind: 'languageModel',
    config: {
      ...opt125,
      ffn_dim: 8192,
      hidden_size: 2048,
      num_attention_heads: 32,
      num_hidden_layers: 24,
      word_embed_proj_dim: 2048,
    },
  },
  {
    name: 'ViT-L/16',
    kind: 'encoder',
    config: {
      ...vitBase,
      hidden_size: 1024,
      intermediate_size: 4096,
      num_attention_heads: 16,
      num_hidden_layers: 24,
    },
  },
];

export const types = ['float32', 'bfloat16'] as const;
