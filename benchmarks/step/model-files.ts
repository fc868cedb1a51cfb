import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAdapter } from '@ocelli/adapters';
import { initialWeights, OptModel, parseOptConfig, parseVitConfig, VitModel } from '@ocelli/backbones';
import { device, Random, type Shape, sizeOf, type Tensor, tensor, writeSafetensors } from '@ocelli/ops';
import { adapterSeed, epalmConfig, optConfig, vitConfig } from './settings.js';

/** Folders and files that ours and its peers read alike. */
export interface ModelFiles {
  /** The folder that holds them all. */
  readonly directory: string;
  readonly languageModel: string;
  readonly encoder: string;
  readonly adapter: string;
  /** Removes them, unless they were made in a folder that was given. */
  remove(): void;
}

/**
 * Writes both backbones with random weights as checkpoints in Hugging Face's layout, and the adapter's initial values.
 * Takes about 850 MB in a temporary folder, or in `directory`, where a later run finds them again.
 */
export async function writeModelFiles(directory?: string): Promise<ModelFiles> {
  const root = directory ?? mkdtempSync(join(tmpdir(), 'ocelli-benchmark-'));
  const files = {
    directory: root,
    languageModel: join(root, 'language-model'),
    encoder: join(root, 'encoder'),
    adapter: join(root, 'adapter.safetensors'),
    remove: () => {
      if (directory === undefined) rmSync(root, { recursive: true, force: true });
    },
  };
  const last = join(files.encoder, 'model.safetensors');
  if (existsSync(last)) return files;
  try {
    mkdirSync(root, { recursive: true });
    const source = initialWeights(new Random(0), (name, shape) => randomTensor(name, shape));
    const trainable = { trainable: true };
    const languageModel = new OptModel(parseOptConfig(optConfig, 'OPT-125M'), source, 'random', trainable);
    const encoder = new VitModel(parseVitConfig(vitConfig, 'ViT-B/16'), source, 'random', trainable);
    const context = { languageModel: languageModel.config, encoder: encoder.config };
    const adapter = createAdapter('epalm', epalmConfig, { ...context, random: new Random(adapterSeed) });
    const parameters = [...adapter.parameters].map(([name, { tensor }]) => [name, tensor] as const);
    await writeSafetensors(files.adapter, new Map(parameters));
    await writeModel(files.languageModel, optConfig, languageModel.namedParameters());
    await writeModel(files.encoder, vitConfig, encoder.namedParameters());
    for (const part of [adapter, languageModel, encoder]) part.dispose();
    await device.emptyCache();
    return files;
  } catch (error) {
    files.remove();
    throw error;
  }
}

async function writeModel(
  directory: string,
  config: object,
  tensors: ReadonlyMap<string, Tensor>,
): Promise<void> {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'config.json'), JSON.stringify(config, null, 2));
  await writeSafetensors(join(directory, 'model.safetensors'), tensors, { metadata: { format: 'pt' } });
}

/**
 * Values of a trained model's size, so that no part can be left out unnoticed: the token table is wider than at OPT's
 * start, since otherwise all logits are near 0 and every model has nearly the same loss.
 */
function randomTensor(name: string, shape: Shape): Tensor {
  const isNorm = /norm.*weight$/.test(name);
  const deviation = name.endsWith('embed_tokens.weight') ? 0.1 : isNorm ? 0.1 : 0.02;
  const bound = deviation * Math.sqrt(3);
  const values = new Float32Array(sizeOf(shape));
  // Random of @ocelli/ops is good but makes 20 million values a second, and these are 210 million: xorshift32.
  let state = 2166136261;
  for (const character of name) state = Math.imul(state ^ character.charCodeAt(0), 16777619);
  for (let i = 0; i < values.length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    values[i] = (state / 2 ** 31) * bound + (isNorm ? 1 : 0);
  }
  return tensor(values, shape);
}
