import type { AudioSpectrogramTransformerConfig, AudioSpectrogramTransformerModel } from '@ocelli/backbones';
import { samplingRate } from '@ocelli/emoji-voices';
import { modelFolder } from '../training/model-folder.js';
import { normalisation } from './filter-bank.js';
import { type AudioResults, modelCard } from './model-card.js';
import type { AudioModelOptions } from './options.js';

const epsilon = 1e-6;

export function astConfigOf(options: AudioModelOptions): AudioSpectrogramTransformerConfig {
  return {
    width: options.width,
    feedForwardWidth: 4 * options.width,
    heads: options.heads,
    layers: options.layers,
    epsilon,
    activation: 'gelu',
    queryKeyValueBias: true,
    patchSize: options.patchSize,
    stride: [options.patchSize, options.timeStride],
    frames: options.frames,
    bins: options.bins,
  };
}

/** Writes the model in Hugging Face's layout, weights as bfloat16, with what the recipe measured. */
export async function saveAudioModel(
  directory: string,
  model: AudioSpectrogramTransformerModel,
  { options, results }: { options: AudioModelOptions; results: AudioResults },
  things: number,
  command: string,
): Promise<void> {
  const folder = await modelFolder(directory);
  await folder.json('config.json', {
    architectures: ['ASTModel'],
    model_type: 'audio-spectrogram-transformer',
    attention_probs_dropout_prob: 0,
    frequency_stride: options.patchSize,
    hidden_act: 'gelu',
    hidden_dropout_prob: 0,
    hidden_size: options.width,
    initializer_range: 0.02,
    intermediate_size: 4 * options.width,
    layer_norm_eps: epsilon,
    max_length: options.frames,
    num_attention_heads: options.heads,
    num_hidden_layers: options.layers,
    num_mel_bins: options.bins,
    patch_size: options.patchSize,
    qkv_bias: true,
    time_stride: options.timeStride,
  });
  await folder.json('preprocessor_config.json', {
    feature_extractor_type: 'ASTFeatureExtractor',
    do_normalize: true,
    feature_size: 1,
    max_length: options.frames,
    mean: normalisation.mean,
    num_mel_bins: options.bins,
    padding_side: 'right',
    padding_value: 0,
    return_attention_mask: false,
    sampling_rate: samplingRate,
    std: normalisation.standardDeviation,
  });
  await folder.weights(model.namedParameters());
  await folder.json('training.json', { options, results });
  await folder.text('README.md', modelCard({ options, results }, model.parameterCount, things, command));
}
