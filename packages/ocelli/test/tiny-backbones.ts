import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { OptModel, parseOptConfig, parseVitConfig, VitModel } from '@ocelli/backbones';
import { Random, writeSafetensors } from '@ocelli/ops';
import { standInTokenizer, standInVocabulary } from '../src/dry-run/stand-in-tokenizer.js';

/** Folders of two random backbones in Hugging Face's layout, far too small to be any good. */
export interface TinyBackbones {
  readonly encoder: string;
  readonly languageModel: string;
}

/** Writes a ViT (2 blocks of 16, pictures of 16x16) and an OPT (3 layers of 16, one token a letter) under a folder. */
export async function makeTinyBackbones(root: string, seed = 1): Promise<TinyBackbones> {
  const encoder = join(root, `encoder-${seed}`);
  const languageModel = join(root, `language-model-${seed}`);
  await writeEncoder(encoder, seed);
  await writeLanguageModel(languageModel, seed);
  return { encoder, languageModel };
}

async function writeEncoder(directory: string, seed: number): Promise<void> {
  const config = {
    model_type: 'vit',
    hidden_size: 16,
    intermediate_size: 32,
    image_size: 16,
    patch_size: 8,
    num_attention_heads: 2,
    num_hidden_layers: 2,
  };
  mkdirSync(directory, { recursive: true });
  writeJson(directory, 'config.json', config);
  writeJson(directory, 'preprocessor_config.json', {
    image_processor_type: 'ViTImageProcessor',
    size: { height: 16, width: 16 },
    resample: 2,
    image_mean: [0.5, 0.5, 0.5],
    image_std: [0.5, 0.5, 0.5],
  });
  const model = VitModel.initialize(parseVitConfig(config, 'test'), new Random(seed));
  await writeSafetensors(join(directory, 'model.safetensors'), model.namedParameters());
  model.dispose();
}

async function writeLanguageModel(directory: string, seed: number): Promise<void> {
  const config = {
    model_type: 'opt',
    ffn_dim: 32,
    hidden_size: 16,
    max_position_embeddings: 96,
    num_attention_heads: 2,
    num_hidden_layers: 3,
    vocab_size: standInVocabulary,
  };
  mkdirSync(directory, { recursive: true });
  writeJson(directory, 'config.json', config);
  writeJson(directory, 'tokenizer.json', standInTokenizer());
  const model = OptModel.initialize(parseOptConfig(config, 'test'), new Random(seed));
  await writeSafetensors(join(directory, 'model.safetensors'), model.namedParameters());
  model.dispose();
}

function writeJson(directory: string, name: string, value: unknown): void {
  writeFileSync(join(directory, name), JSON.stringify(value));
}
