import { type Backbone, loadBackbone } from '@ocelli/backbones';
import { type LocateOptions, locateBackbone, tinyName } from '../pipelines/locate-backbones.js';
import type { Facts } from './facts.js';

/** A checkpoint's configuration and size; both embedded ones for `tiny`. By section. */
export async function checkpointFacts(
  name: string,
  options: LocateOptions = {},
): Promise<Record<string, Facts>> {
  if (name !== tinyName) return describe(await locateBackbone('encoder', name, options));
  return {
    ...describe(await locateBackbone('encoder', tinyName)),
    ...describe(await locateBackbone('languageModel', tinyName)),
  };
}

const sections: Record<Backbone['kind'], string> = {
  encoder: 'encoder',
  encoderDecoder: 'encoder-decoder',
  languageModel: 'language model',
};

function describe(directory: string): Record<string, Facts> {
  const backbone: Backbone = loadBackbone(directory);
  const { config, fingerprint, parameterCount } = backbone.model;
  backbone.model.dispose();
  const facts = { folder: directory, parameters: parameterCount, fingerprint, ...config };
  return { [sections[backbone.kind]]: facts };
}
