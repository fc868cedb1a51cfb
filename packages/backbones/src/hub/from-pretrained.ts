import type { Backbone } from '../architectures/index.js';
import { loadBackbone } from '../load.js';
import type { BackboneOptions } from '../model/weights.js';
import type { HubOptions } from './hub-settings.js';
import { resolveCheckpoint } from './resolve-checkpoint.js';

/**
 * Opens the backbone of a checkpoint folder or a hub id (`facebook/opt-1.3b`), after downloading what is missing.
 * `resolveCheckpoint` gives the folder alone, for `loadTokenizer`, `loadImageProcessor` and their like.
 */
export async function fromPretrained(
  name: string,
  options: BackboneOptions & HubOptions = {},
): Promise<Backbone> {
  return loadBackbone(await resolveCheckpoint(name, options), options);
}
