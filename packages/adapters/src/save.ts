import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Encoder, LanguageModel } from '@ocelli/backbones';
import {
  OcelliError,
  Random,
  readSafetensors,
  readSafetensorsArrays,
  type Tensor,
  writeAtomically,
  writeSafetensors,
} from '@ocelli/ops';
import type { Adapter } from './adapter.js';
import { fillTensors } from './fill-tensors.js';
import { adapterMethods, createAdapter } from './registry.js';
import {
  type AdapterInputs,
  type BackboneIdentity,
  configDigest,
  formatSavedConfig,
  parseSavedConfig,
  type SavedAdapterConfig,
} from './saved-config.js';

const configName = 'adapter_config.json';
const tensorsName = 'adapter_model.safetensors';
/**
 * Writes `adapter_config.json` and `adapter_model.safetensors` (exactly `parameters` and `buffers`, float32) to a folder,
 * which is made if need be. Both files are complete on disk before either gets its name, and the tensors remember which
 * configuration they belong to, so that a crash never leaves a pair that loads wrongly.
 */
export async function saveAdapter(
  directory: string,
  adapter: Adapter,
  backbones: { readonly languageModel: BackboneIdentity; readonly encoder: BackboneIdentity },
  inputs: AdapterInputs = {},
): Promise<void> {
  if (existsSync(directory) && !statSync(directory).isDirectory()) {
    throw new OcelliError('saveAdapter', `${directory} is a file; give the path of a folder`);
  }
  const saved: SavedAdapterConfig = {
    method: adapter.name,
    config: adapter.config,
    languageModel: { name: backbones.languageModel.name, fingerprint: backbones.languageModel.fingerprint },
    encoder: { name: backbones.encoder.name, fingerprint: backbones.encoder.fingerprint },
    inputs,
    packageVersion: packageVersion(),
  };
  await mkdir(directory, { recursive: true });
  const temporary = join(directory, `${tensorsName}.${process.pid}-${randomBytes(4).toString('hex')}.part`);
  try {
    const metadata = { format: 'pt', adapter_config: configDigest(saved) };
    await writeSafetensors(temporary, namedTensors(adapter), { dtype: 'float32', metadata });
    await writeAtomically(join(directory, configName), async (file) => {
      await file.writeFile(`${JSON.stringify(formatSavedConfig(saved), null, 2)}\n`);
      await file.sync();
      await rename(temporary, join(directory, tensorsName)); // writeAtomically renames the configuration right after
    });
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Reads the configuration of a saved adapter, without its tensors. */
export function readAdapterConfig(directory: string): SavedAdapterConfig {
  if (!existsSync(directory)) {
    throw new OcelliError('loadAdapter', `there is no folder ${directory}; give one that saveAdapter wrote`);
  }
  if (!statSync(directory).isDirectory()) {
    throw new OcelliError(
      'loadAdapter',
      `${directory} is not a folder; give the folder that ${configName} lies in`,
    );
  }
  const path = join(directory, configName);
  for (const name of [configName, tensorsName]) {
    if (existsSync(join(directory, name))) continue;
    throw new OcelliError(
      'loadAdapter',
      `${directory} has no ${name}; a saved adapter is ${configName} and ${tensorsName}, copy or save both`,
    );
  }
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new OcelliError('loadAdapter', `${path} is not JSON: ${(error as Error).message}`, {
      cause: error,
    });
  }
  return parseSavedConfig(json, path);
}

/**
 * Loads an adapter from a folder that `saveAdapter` wrote. It must be one for these two backbones: what was trained for
 * other weights is an error, since it would run and give nonsense.
 */
export function loadAdapter(
  directory: string,
  backbones: {
    readonly languageModel: Pick<LanguageModel, 'config' | 'fingerprint'>;
    readonly encoder: Pick<Encoder, 'config' | 'fingerprint'>;
  },
): Adapter {
  const saved = readAdapterConfig(directory);
  if (!adapterMethods().some((method) => method.name === saved.method)) {
    throw new OcelliError(
      'loadAdapter',
      `${directory} is of method "${saved.method}", which is not registered; import the package that registers it ` +
        `(registered are ${adapterMethods()
          .map((method) => method.name)
          .join(', ')})`,
    );
  }
  checkBackbone(directory, 'language model', saved.languageModel, backbones.languageModel);
  checkBackbone(directory, 'encoder', saved.encoder, backbones.encoder);
  const path = join(directory, tensorsName);
  checkPair(directory, path, saved);
  const stored = readSafetensorsArrays(path);
  const adapter = createAdapter(saved.method, saved.config, {
    languageModel: backbones.languageModel.config,
    encoder: backbones.encoder.config,
    random: new Random(0),
  });
  try {
    fillTensors(
      'loadAdapter',
      path,
      namedTensors(adapter),
      stored,
      'save the adapter again with its configuration',
    );
  } catch (error) {
    adapter.dispose();
    throw error;
  }
  return adapter;
}

function checkBackbone(
  directory: string,
  kind: 'language model' | 'encoder',
  trained: BackboneIdentity,
  given: {
    readonly fingerprint: string;
    readonly config: { readonly layers: number; readonly width: number };
  },
): void {
  if (trained.fingerprint === given.fingerprint) return;
  throw new OcelliError(
    'loadAdapter',
    `${directory} was trained for the ${kind} "${trained.name}" (fingerprint ${trained.fingerprint}), but the given ` +
      `${kind} has fingerprint ${given.fingerprint} (${given.config.layers} layers, width ${given.config.width}); ` +
      `load "${trained.name}" with it, or train an adapter for this ${kind}`,
  );
}

function checkPair(directory: string, path: string, saved: SavedAdapterConfig): void {
  if (readSafetensors(path).metadata.adapter_config === configDigest(saved)) return;
  throw new OcelliError(
    'loadAdapter',
    `${configName} and ${tensorsName} in ${directory} are not of the same save; a save was cut off or a file was ` +
      `changed, so save the adapter again or copy both files together`,
  );
}

function namedTensors(adapter: Adapter): Map<string, Tensor> {
  const tensors = new Map<string, Tensor>();
  for (const [name, { tensor }] of adapter.parameters) tensors.set(name, tensor);
  for (const [name, tensor] of adapter.buffers) tensors.set(name, tensor);
  return tensors;
}

function packageVersion(): string {
  return (createRequire(import.meta.url)('../package.json') as { version: string }).version;
}
