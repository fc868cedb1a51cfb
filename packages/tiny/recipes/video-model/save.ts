import type { TimesformerConfig, TimesformerModel } from '@ocelli/backbones';
import { concat, noGrad, type Tensor } from '@ocelli/ops';
import { modelFolder } from '../training/model-folder.js';
import { normalisation } from '../vision-model/pictures.js';
import { modelCard, type VideoRun } from './model-card.js';

/** Under transformers' names, which stack queries, keys and values. */
export function stacked(parameters: ReadonlyMap<string, Tensor>): Map<string, Tensor> {
  const result = new Map<string, Tensor>();
  for (const [name, parameter] of parameters) {
    const [, before, part, kind] = /^(.*attention)\.(query|key|value)\.(weight|bias)$/.exec(name) ?? [];
    if (part === undefined) result.set(name, parameter);
    if (part !== 'query') continue;
    const parts = ['query', 'key', 'value'].map((one) => parameters.get(`${before}.${one}.${kind}`)!);
    result.set(
      `${before}.qkv.${kind}`,
      noGrad(() => concat(parts, 0)),
    );
  }
  return result;
}

/** Writes the model in Hugging Face's layout, weights as bfloat16, with what the recipe measured. */
export async function saveVideoModel(
  directory: string,
  model: TimesformerModel,
  config: TimesformerConfig,
  run: VideoRun,
  things: number,
): Promise<void> {
  const folder = await modelFolder(directory);
  await folder.json('config.json', {
    architectures: ['TimesformerModel'],
    model_type: 'timesformer',
    attention_probs_dropout_prob: 0,
    attention_type: config.attentionType,
    drop_path_rate: 0,
    hidden_act: config.activation,
    hidden_dropout_prob: 0,
    hidden_size: config.width,
    image_size: config.imageSize,
    initializer_range: 0.02,
    intermediate_size: config.feedForwardWidth,
    layer_norm_eps: config.epsilon,
    num_attention_heads: config.heads,
    num_channels: config.channels,
    num_frames: config.frames,
    num_hidden_layers: config.layers,
    patch_size: config.patchSize,
    qkv_bias: config.queryKeyValueBias,
  });
  await folder.json('preprocessor_config.json', {
    image_processor_type: 'VideoMAEImageProcessor',
    do_resize: true,
    size: { height: config.imageSize, width: config.imageSize },
    resample: 3,
    do_center_crop: false,
    do_rescale: true,
    rescale_factor: 1 / 255,
    do_normalize: true,
    image_mean: Array(3).fill(normalisation.mean),
    image_std: Array(3).fill(normalisation.standardDeviation),
  });
  await folder.weights(stacked(model.namedParameters()));
  await folder.json('training.json', run);
  await folder.text('README.md', modelCard(run, config, { parameters: model.parameterCount, things }));
}
