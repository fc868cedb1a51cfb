import type { VitConfig, VitModel } from '@ocelli/backbones';
import { modelFolder } from '../training/model-folder.js';
import { modelCard, type VisionResults } from './model-card.js';
import type { VisionModelOptions } from './options.js';
import { normalisation } from './pictures.js';

const epsilon = 1e-6;

export function vitConfigOf(options: VisionModelOptions): VitConfig {
  return {
    convention: 'huggingFace',
    isDistilled: false,
    width: options.width,
    feedForwardWidth: 4 * options.width,
    imageSize: [options.imageSize, options.imageSize],
    patchSize: options.patchSize,
    channels: 3,
    heads: options.heads,
    layers: options.layers,
    epsilon,
    activation: 'gelu',
    queryKeyValueBias: true,
  };
}

/** Writes the model in Hugging Face's layout, weights as bfloat16, with what the recipe measured. */
export async function saveVisionModel(
  directory: string,
  model: VitModel,
  { options, results }: { options: VisionModelOptions; results: VisionResults },
  things: number,
  command: string,
): Promise<void> {
  const folder = await modelFolder(directory);
  await folder.json('config.json', {
    architectures: ['ViTModel'],
    model_type: 'vit',
    attention_probs_dropout_prob: 0,
    hidden_act: 'gelu',
    hidden_dropout_prob: 0,
    hidden_size: options.width,
    image_size: options.imageSize,
    initializer_range: 0.02,
    intermediate_size: 4 * options.width,
    layer_norm_eps: epsilon,
    num_attention_heads: options.heads,
    num_channels: 3,
    num_hidden_layers: options.layers,
    patch_size: options.patchSize,
    qkv_bias: true,
  });
  await folder.json('preprocessor_config.json', {
    image_processor_type: 'ViTImageProcessor',
    do_resize: true,
    size: { height: options.imageSize, width: options.imageSize },
    resample: 3,
    do_rescale: true,
    rescale_factor: 1 / 255,
    do_normalize: true,
    image_mean: [normalisation.mean, normalisation.mean, normalisation.mean],
    image_std: [
      normalisation.standardDeviation,
      normalisation.standardDeviation,
      normalisation.standardDeviation,
    ],
  });
  await folder.weights(model.namedParameters());
  await folder.json('training.json', { options, results });
  await folder.text('README.md', modelCard({ options, results }, model.parameterCount, things, command));
}
