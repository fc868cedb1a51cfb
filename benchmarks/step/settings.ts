import type { EpalmConfig } from '@ocelli/adapters';

/** `config.json` of OPT-125M (Zhang et al. 2022), as Hugging Face writes it. */
export const optConfig = {
  model_type: 'opt',
  architectures: ['OPTForCausalLM'],
  activation_function: 'relu',
  bos_token_id: 2,
  eos_token_id: 2,
  pad_token_id: 1,
  do_layer_norm_before: true,
  dropout: 0,
  attention_dropout: 0,
  ffn_dim: 3072,
  hidden_size: 768,
  max_position_embeddings: 2048,
  num_attention_heads: 12,
  num_hidden_layers: 12,
  vocab_size: 50272,
  word_embed_proj_dim: 768,
};

/** `config.json` of ViT-B/16 at 224 pixels (Dosovitskiy et al. 2020), as Hugging Face writes it. */
export const vitConfig = {
  model_type: 'vit',
  architectures: ['ViTModel'],
  hidden_act: 'gelu',
  hidden_size: 768,
  intermediate_size: 3072,
  image_size: 224,
  patch_size: 16,
  num_channels: 3,
  num_attention_heads: 12,
  num_hidden_layers: 12,
  layer_norm_eps: 1e-6,
  qkv_bias: true,
};

/**
 * eP-ALM's paper settings (six features, the layers from 19/32 of the depth to the last but one, ten soft tokens) for a
 * model of 12 layers: with six layers to take them, each feature goes into one.
 */
export const epalmConfig = {
  features: 6,
  startLayer: 5,
  endLayer: 11,
  prompt: { length: 10, mlp: false },
} satisfies Partial<EpalmConfig>;

export const adapterSeed = 1;

/** High enough that a wrong gradient shows in the next losses. */
export const learningRate = 1e-3;
export const weightDecay = 0;

/** What one step sees. */
export interface StepShape {
  readonly batch: number;
  /** Text tokens of each example: the begin id, then the caption with its end, all of which is supervised. */
  readonly tokens: number;
}

export const standardShape: StepShape = { batch: 16, tokens: 32 };
