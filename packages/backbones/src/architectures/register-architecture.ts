import { OcelliError } from '@ocelli/ops';
import { type Architecture, architectures } from './index.js';

/**
 * Teaches `loadBackbone` an architecture of your own.
 *
 * @param modelType what `model_type` of its `config.json` says; an architecture that is there already stays.
 */
export function registerArchitecture(modelType: string, architecture: Architecture): void {
  if (architectures.has(modelType)) {
    throw new OcelliError(
      'load',
      `there is an architecture for model_type ${JSON.stringify(modelType)} already; choose another name`,
    );
  }
  architectures.set(modelType, architecture);
}
