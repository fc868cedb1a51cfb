import type { LanguageModelOptions } from './options.js';
import { beginId, padId } from './tokenizer/special-tokens.js';

/** The model's `config.json`, as transformers writes it for an `OPTForCausalLM`. */
export function modelConfig(options: LanguageModelOptions) {
  return {
    _remove_final_layer_norm: false,
    activation_function: 'relu' as const,
    architectures: ['OPTForCausalLM'],
    attention_dropout: 0,
    bos_token_id: beginId,
    do_layer_norm_before: true,
    dropout: 0,
    dtype: 'bfloat16',
    enable_bias: true,
    eos_token_id: beginId,
    ffn_dim: options.feedForwardWidth,
    hidden_size: options.width,
    init_std: 0.02,
    layer_norm_elementwise_affine: true,
    layerdrop: 0,
    max_position_embeddings: options.maxPositions,
    model_type: 'opt' as const,
    num_attention_heads: options.heads,
    num_hidden_layers: options.layers,
    pad_token_id: padId,
    tie_word_embeddings: true as const,
    use_cache: true,
    vocab_size: options.vocabularySize,
    word_embed_proj_dim: options.width,
  };
}

/** The model's `generation_config.json`. */
export const generationConfig = {
  _from_model_config: true,
  bos_token_id: beginId,
  eos_token_id: beginId,
  pad_token_id: padId,
};
