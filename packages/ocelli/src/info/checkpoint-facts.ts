import { type Backbone, loadBackbone } from '@ocelli/backbones';
import { backboneDirectory, tinyName } from '../pipelines/open-backbones.js';
import type { Facts } from './facts.js';

/** A checkpoint's configuration and size; both embedded ones for `tiny`. By section. */
export function checkpointFacts(name: string): Record<string, Facts> {
  if (name !== tinyName) return describe(backboneDirectory('encoder', name));
  return {
    ...describe(backboneDirectory('encoder', tinyName)),
    ...describe(backboneDirectory('languageModel', tinyName)),
  };
}

function describe(directory: string): Record<string, Facts> {
  const backbone: Backbone = loadBackbone(directory);
  const { config, fingerprint, parameterCount } = backbone.model;
  backbone.model.dispose();
  const facts = { folder: directory, parameters: parameterCount, fingerprint, ...config };
  return { [backbone.kind === 'encoder' ? 'encoder' : 'language model']: facts };
}
