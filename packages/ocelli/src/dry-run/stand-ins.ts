import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isHubId, resolveCheckpoint, type WeightSource } from '@ocelli/backbones';
import { full, normal, OcelliError, Random, type Tensor, writeSafetensors } from '@ocelli/ops';
import { absoluteName, locateBackbone, tinyName } from '../pipelines/locate-backbones.js';
import { publishedShapes, type StandInArchitecture, standInArchitectures } from './architectures.js';
import { standInTokenizer } from './stand-in-tokenizer.js';

/** A backbone for a dry run. */
export interface DryRunBackbone {
  /** A folder that can be opened: the model itself, or a tiny one of its architecture and number of layers. */
  readonly directory: string;
  /** The model that is not on this machine, if a stand-in takes its place. */
  readonly missing?: {
    readonly name: string;
    readonly config: Readonly<Record<string, unknown>>;
    readonly architecture: StandInArchitecture;
  };
}

/**
 * Finds a backbone on this machine, downloading nothing, or writes a stand-in under `root`.
 *
 * @throws {OcelliError} if it is not here, and what is known of it is not enough for a stand-in.
 */
export async function dryRunBackbone(
  kind: 'encoder' | 'languageModel',
  name: string,
  root: string,
): Promise<DryRunBackbone> {
  const absolute = absoluteName(name);
  if (name === tinyName) return { directory: await locateBackbone(kind, name) };
  const isId = isHubId(absolute);
  const directory = isId ? await inCache(absolute) : absolute;
  if (directory !== null && (isId || hasWeights(directory))) return { directory };
  const found = directory === null ? null : readConfig(directory);
  const config = found ?? publishedShapes[absolute];
  const type = config && ('architecture' in config ? 'timm' : String(config.model_type));
  const architecture = type === undefined ? undefined : standInArchitectures[type];
  if (
    config === undefined ||
    architecture === undefined ||
    (architecture.processor === null) !== (kind === 'languageModel')
  ) {
    throw new OcelliError(
      'dry run',
      `${name} is not on this machine, and a stand-in for it is not known (there are stand-ins for ` +
        `${Object.keys(publishedShapes).join(', ')}, and for folders with the config.json of ${Object.keys(standInArchitectures).join(', ')}); ` +
        `download it, or give its folder with --set ${kind}=DIR`,
    );
  }
  const target = join(root, kind);
  await writeStandIn(target, architecture.shrink(config), architecture);
  return { directory: target, missing: { name, config, architecture } };
}

async function inCache(id: string): Promise<string | null> {
  try {
    return await resolveCheckpoint(id, { offline: true });
  } catch (error) {
    if (OcelliError.isInstance(error)) return null;
    throw error;
  }
}

function hasWeights(directory: string): boolean {
  return [
    'model.safetensors',
    'model.safetensors.index.json',
    'pytorch_model.bin',
    'pytorch_model.bin.index.json',
  ].some((name) => existsSync(join(directory, name)));
}

function readConfig(directory: string): Record<string, unknown> | null {
  const path = join(directory, 'config.json');
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>) : null;
}

/** Writes a small random model in Hugging Face's layout. */
async function writeStandIn(
  directory: string,
  config: Readonly<Record<string, unknown>>,
  { build, processor }: StandInArchitecture,
): Promise<void> {
  mkdirSync(directory, { recursive: true });
  const files = {
    'config.json': config,
    ...(processor ? { 'preprocessor_config.json': processor } : { 'tokenizer.json': standInTokenizer() }),
  };
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(directory, name), JSON.stringify(content));
  const tensors = new Map<string, Tensor>();
  // What the architecture asks for is what the file has to hold; the model keeps tensors of its own.
  const source: WeightSource = {
    description: 'a stand-in',
    has: () => true,
    load(name, shape) {
      const make = (): Tensor =>
        shape.length === 1 && name.endsWith('.weight')
          ? full(shape, 1)
          : normal(new Random(tensors.size), shape, 0.1);
      if (!tensors.has(name)) tensors.set(name, make());
      return make();
    },
  };
  build(config, source).model.dispose();
  await writeSafetensors(join(directory, 'model.safetensors'), tensors);
  for (const tensor of tensors.values()) tensor.dispose();
}
