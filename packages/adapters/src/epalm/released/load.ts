import type { Encoder, LanguageModel } from '@ocelli/backbones';
import { type HostArray, OcelliError, Random } from '@ocelli/ops';
import type { Adapter } from '../../adapter.js';
import { fillTensors } from '../../fill-tensors.js';
import { createAdapter } from '../../registry.js';
import type { ReleasedEpalmConfig } from './config.js';

/**
 * An adapter with the weights of the authors' checkpoint (`checkpoint_best.pth`, `checkpoint_last.pth`): those under its
 * `model`, which are the connectors and the prompt.
 *
 * @param tensors by their names in the checkpoint; a leading `module.` (of a distributed run) is left out.
 * @param origin the file, for messages.
 * @throws {OcelliError} naming what is missing, unknown or of another shape than configuration and backbones make it.
 */
export function loadReleasedEpalm(
  tensors: ReadonlyMap<string, HostArray>,
  config: ReleasedEpalmConfig,
  backbones: {
    readonly languageModel: Pick<LanguageModel, 'config'>;
    readonly encoder: Pick<Encoder, 'config'>;
  },
  origin: string,
): Adapter {
  const named = new Map([...tensors].map(([name, array]) => [name.replace(/^module\./, ''), array]));
  const adapters = [...named.keys()].filter((name) => name.includes('adapter'));
  if (adapters.length > 0) {
    throw new OcelliError(
      'epalm',
      `${origin} has adapters in the language model (${adapters[0]} and ${adapters.length - 1} more), which the method ` +
        `epalm does not have; give a checkpoint that was trained without use_adapters`,
    );
  }
  const adapter = createAdapter('epalm', config.adapter, {
    languageModel: backbones.languageModel.config,
    encoder: backbones.encoder.config,
    random: new Random(0),
  });
  try {
    const parameters = new Map([...adapter.parameters].map(([name, { tensor }]) => [name, tensor]));
    fillTensors(
      'epalm',
      origin,
      parameters,
      named,
      'give the configuration and the backbones that it was trained with',
    );
  } catch (error) {
    adapter.dispose();
    throw error;
  }
  return adapter;
}
