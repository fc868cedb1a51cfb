import { join } from 'node:path';
import { readAdapterConfig } from '@ocelli/adapters';
import { readSafetensorsArrays, sizeOf } from '@ocelli/ops';
import { adapterDirectory } from '../pipelines/open-model.js';
import type { Facts } from './facts.js';

/** What a saved adapter is, without opening its backbones. */
export function adapterFacts(directory: string): Facts {
  const folder = adapterDirectory(directory);
  const saved = readAdapterConfig(folder);
  const tensors = [...readSafetensorsArrays(join(folder, 'adapter_model.safetensors'))];
  return {
    folder,
    method: saved.method,
    config: saved.config,
    encoder: `${saved.encoder.name} (fingerprint ${saved.encoder.fingerprint})`,
    languageModel: `${saved.languageModel.name} (fingerprint ${saved.languageModel.fingerprint})`,
    writtenBy: `@ocelli/adapters ${saved.packageVersion}`,
    values: tensors.reduce((sum, [, { shape }]) => sum + sizeOf(shape), 0),
    tensors: Object.fromEntries(tensors.map(([name, { shape }]) => [name, `[${shape.join(', ')}]`])),
  };
}
