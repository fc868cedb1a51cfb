import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  AudioSpectrogramTransformerModel,
  parseAudioSpectrogramTransformerConfig,
  parseTimesformerConfig,
  TimesformerModel,
  type WeightSource,
} from '@ocelli/backbones';
import { normal, Random, type Tensor, writeSafetensors } from '@ocelli/ops';

const shared = { hidden_size: 16, intermediate_size: 32, num_attention_heads: 2, num_hidden_layers: 2 };

const timesformer = {
  ...shared,
  model_type: 'timesformer',
  image_size: 16,
  patch_size: 8,
  num_frames: 4,
};
const videoProcessor = {
  image_processor_type: 'VideoMAEImageProcessor',
  size: { shortest_edge: 16 },
  crop_size: { height: 16, width: 16 },
  resample: 2,
  image_mean: [0.5, 0.5, 0.5],
  image_std: [0.5, 0.5, 0.5],
};

const ast = {
  ...shared,
  model_type: 'audio-spectrogram-transformer',
  patch_size: 8,
  frequency_stride: 8,
  time_stride: 8,
  max_length: 48,
  num_mel_bins: 24,
};
const audioProcessor = {
  feature_extractor_type: 'ASTFeatureExtractor',
  sampling_rate: 16_000,
  num_mel_bins: 24,
  max_length: 48,
};

/** Writes a random TimeSformer (4 frames of 16x16) or AST (24 bands, 48 frames: half a second) in Hugging Face's layout. */
export async function makeTinyEncoder(root: string, modality: 'video' | 'audio', seed = 1): Promise<string> {
  const directory = join(root, `${modality}-encoder-${seed}`);
  const [config, processor] = modality === 'video' ? [timesformer, videoProcessor] : [ast, audioProcessor];
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'config.json'), JSON.stringify(config));
  writeFileSync(join(directory, 'preprocessor_config.json'), JSON.stringify(processor));
  const random = new Random(seed);
  const tensors = new Map<string, Tensor>();
  // What the architecture asks for is what the file has to hold; the model keeps tensors of its own.
  const source: WeightSource = {
    description: 'test',
    has: () => true,
    load(name, shape) {
      if (!tensors.has(name)) tensors.set(name, normal(random, shape, 0.3));
      return normal(new Random(seed), shape, 0.3);
    },
  };
  const model =
    modality === 'video'
      ? new TimesformerModel(parseTimesformerConfig(config, 'test'), source, 'untrained')
      : new AudioSpectrogramTransformerModel(
          parseAudioSpectrogramTransformerConfig(config, 'test'),
          source,
          'untrained',
        );
  model.dispose();
  await writeSafetensors(join(directory, 'model.safetensors'), tensors);
  return directory;
}
