import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadAdapter, readAdapterConfig, type SavedAdapterConfig } from '@ocelli/adapters';
import { isHubId } from '@ocelli/backbones';
import type { FeatureCache } from '@ocelli/datasets';
import { type DeviceName, OcelliError, type WeightType } from '@ocelli/ops';
import { ImageTextModel } from './image-text-model.js';
import { type BackboneNames, isEmbedded, type LocateOptions, locateBackbones } from './locate-backbones.js';
import { openBackbones } from './open-backbones.js';

/** Which adapter, and where its backbones lie now. */
export interface OpenModelOptions extends Omit<LocateOptions, 'base'> {
  /** Folder of a saved adapter, or of a training whose `adapter` folder it is. */
  readonly adapter: string;
  /** Default: where the encoder was when the adapter was trained. */
  readonly encoder?: string;
  /** Default: where the language model was when the adapter was trained. */
  readonly languageModel?: string;
  /** How the frozen weights are kept. Default: `float32`. */
  readonly dtype?: WeightType | undefined;
  /** The device to use from here on. Default: the one in use. */
  readonly device?: DeviceName | undefined;
  /** Where features are kept between runs; the caller closes it. Default: nowhere. */
  readonly cache?: FeatureCache | undefined;
}

/** The folder with `adapter_config.json`: the given one, or `adapter` inside it, as `ocelli train` leaves it. */
export function adapterDirectory(directory: string): string {
  const inner = join(directory, 'adapter');
  const hasConfig = (folder: string): boolean => existsSync(join(folder, 'adapter_config.json'));
  return !hasConfig(directory) && hasConfig(inner) ? inner : directory;
}

/**
 * Opens a saved adapter with the backbones that it was trained for; those from a hub are downloaded if need be.
 *
 * @throws {OcelliError} when something is missing, or when a given backbone is another than the adapter's.
 */
export async function openModel(options: OpenModelOptions): Promise<ImageTextModel> {
  const directory = adapterDirectory(options.adapter);
  const saved = readAdapterConfig(directory);
  const names = {
    encoder: nameOf('encoder', directory, saved, options),
    languageModel: nameOf('languageModel', directory, saved, options),
  };
  const backbones = openBackbones(await locateBackbones(names, options), {
    dtype: options.dtype,
    device: options.device,
    inputs: saved.inputs,
  });
  try {
    const { cache } = options;
    return new ImageTextModel(backbones, loadAdapter(directory, backbones), cache ? { cache } : {});
  } catch (error) {
    backbones.dispose();
    throw error;
  }
}

function nameOf(
  kind: keyof BackboneNames,
  directory: string,
  saved: SavedAdapterConfig,
  options: OpenModelOptions,
): string {
  const given = options[kind];
  if (given !== undefined) return given;
  const { name } = saved[kind];
  if (isEmbedded(name) || isHubId(name) || existsSync(name)) return name;
  const [words, option] =
    kind === 'encoder' ? ['encoder', '--encoder'] : ['language model', '--language-model'];
  throw new OcelliError(
    'model',
    `${directory} was trained for the ${words} ${name}, which is not there; give its folder with ${option}`,
  );
}
