import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Encoder, LanguageModel } from '@ocelli/backbones';
import {
  formatShape,
  type HostArray,
  OcelliError,
  Random,
  readSafetensors,
  readSafetensorsArrays,
  sameShape,
  type Tensor,
  writeAtomically,
  writeSafetensors,
} from '@ocelli/ops';
import { z } from 'zod';
import type { Adapter } from './adapter.js';
import { adapterMethods, createAdapter } from './registry.js';

const configName = 'adapter_config.json';
const tensorsName = 'adapter_model.safetensors';
const formatVersion = 1;

const backboneSchema = z.object({ name: z.string(), fingerprint: z.string() });

const savedSchema = z.object({
  format_version: z.literal(formatVersion),
  method: z.string(),
  config: z.unknown(),
  language_model: backboneSchema,
  encoder: backboneSchema,
  package_version: z.string(),
});

/** Which backbone an adapter was trained for. */
export interface BackboneIdentity {
  /** For people: a folder or a hub id. */
  readonly name: string;
  /** The backbone's `fingerprint`: what is compared when the adapter is loaded. */
  readonly fingerprint: string;
}

/** Content of `adapter_config.json`: all that an adapter is but its tensors. */
export interface SavedAdapterConfig {
  readonly method: string;
  /** The method's configuration with defaults filled in. */
  readonly config: unknown;
  readonly languageModel: BackboneIdentity;
  readonly encoder: BackboneIdentity;
  /** Version of `@ocelli/adapters` that wrote it. */
  readonly packageVersion: string;
}

/**
 * Writes `adapter_config.json` and `adapter_model.safetensors` (exactly `parameters` and `buffers`, float32) to a folder,
 * which is made if need be. Both files are complete on disk before either gets its name, and the tensors remember which
 * configuration they belong to, so that a crash never leaves a pair that loads wrongly.
 */
export async function saveAdapter(
  directory: string,
  adapter: Adapter,
  backbones: { readonly languageModel: BackboneIdentity; readonly encoder: BackboneIdentity },
): Promise<void> {
  if (existsSync(directory) && !statSync(directory).isDirectory()) {
    throw new OcelliError('saveAdapter', `${directory} is a file; give the path of a folder`);
  }
  const saved: SavedAdapterConfig = {
    method: adapter.name,
    config: adapter.config,
    languageModel: { name: backbones.languageModel.name, fingerprint: backbones.languageModel.fingerprint },
    encoder: { name: backbones.encoder.name, fingerprint: backbones.encoder.fingerprint },
    packageVersion: packageVersion(),
  };
  await mkdir(directory, { recursive: true });
  const temporary = join(directory, `${tensorsName}.${process.pid}-${randomBytes(4).toString('hex')}.part`);
  try {
    const metadata = { format: 'pt', adapter_config: configDigest(saved) };
    await writeSafetensors(temporary, namedTensors(adapter), { dtype: 'float32', metadata });
    await writeAtomically(join(directory, configName), async (file) => {
      await file.writeFile(`${JSON.stringify(toFile(saved), null, 2)}\n`);
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
  const version = (json as { format_version?: unknown } | null)?.format_version;
  if (typeof version === 'number' && version > formatVersion) {
    throw new OcelliError(
      'loadAdapter',
      `${path} has format version ${version}, this version of Ocelli reads up to ${formatVersion}; update @ocelli/adapters`,
    );
  }
  const result = savedSchema.safeParse(json);
  if (!result.success) {
    throw new OcelliError(
      'loadAdapter',
      `${path} is not right; save the adapter again:\n${z.prettifyError(result.error)}`,
    );
  }
  const {
    method,
    config,
    language_model: languageModel,
    encoder,
    package_version: packageVersion,
  } = result.data;
  return { method, config, languageModel, encoder, packageVersion };
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
    fill(path, namedTensors(adapter), stored);
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

/** Copies stored values into the tensors of a new adapter; every tensor must be there, and no other. */
function fill(
  path: string,
  tensors: ReadonlyMap<string, Tensor>,
  stored: ReadonlyMap<string, HostArray>,
): void {
  const unknown = [...stored.keys()].filter((name) => !tensors.has(name));
  const missing = [...tensors.keys()].filter((name) => !stored.has(name));
  if (unknown.length > 0 || missing.length > 0) {
    const facts = [
      ...(missing.length > 0 ? [`lacks ${missing.join(', ')}`] : []),
      ...(unknown.length > 0 ? [`has ${unknown.join(', ')}, which this adapter does not have`] : []),
    ];
    throw new OcelliError(
      'loadAdapter',
      `${path} ${facts.join(' and ')}; save the adapter again with its configuration`,
    );
  }
  for (const [name, tensor] of tensors) {
    const { shape, dtype, data } = stored.get(name)!;
    if (!sameShape(shape, tensor.shape)) {
      throw new OcelliError(
        'loadAdapter',
        `${path}: tensor "${name}" is ${formatShape(shape)}, the configuration makes it ${formatShape(tensor.shape)}; ` +
          `save the adapter again with its configuration`,
      );
    }
    if (!(data instanceof Float32Array)) {
      throw new OcelliError(
        'loadAdapter',
        `${path}: tensor "${name}" is ${dtype}, expected float32; convert the file`,
      );
    }
  }
  for (const [name, tensor] of tensors) tensor.write(stored.get(name)!.data as Float32Array);
}

function namedTensors(adapter: Adapter): Map<string, Tensor> {
  const tensors = new Map<string, Tensor>();
  for (const [name, { tensor }] of adapter.parameters) tensors.set(name, tensor);
  for (const [name, tensor] of adapter.buffers) tensors.set(name, tensor);
  return tensors;
}

function toFile(saved: SavedAdapterConfig): z.infer<typeof savedSchema> {
  return {
    format_version: formatVersion,
    method: saved.method,
    config: saved.config,
    language_model: saved.languageModel,
    encoder: saved.encoder,
    package_version: saved.packageVersion,
  };
}

/** Of what decides how the tensors are used; names and versions may be edited. */
function configDigest({ method, config, languageModel, encoder }: SavedAdapterConfig): string {
  const decisive = [method, config, languageModel.fingerprint, encoder.fingerprint];
  return createHash('sha256')
    .update(JSON.stringify(sorted(decisive)))
    .digest('hex')
    .slice(0, 32);
}

/** The same value with the keys of its objects in order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, entry]) => [key, sorted(entry)]));
}

function packageVersion(): string {
  return (createRequire(import.meta.url)('../package.json') as { version: string }).version;
}
