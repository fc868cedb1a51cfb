import type { Encoder, LanguageModel } from '@ocelli/backbones';
import {
  type HostArray,
  OcelliError,
  PickledRecord,
  type PickledValue,
  Random,
  readPyTorch,
  type TensorSource,
} from '@ocelli/ops';
import type { Adapter } from '../../adapter.js';
import { fillTensors } from '../../fill-tensors.js';
import { createAdapter } from '../../registry.js';
import { parseReleasedEpalmConfig, type ReleasedEpalmConfig } from './config.js';

/** The authors' adapter in Ocelli's terms. */
export interface ReleasedEpalm {
  readonly adapter: Adapter;
  readonly config: ReleasedEpalmConfig;
}

/**
 * Reads a checkpoint as the authors of eP-ALM save it (`checkpoint_best.pth`, `checkpoint_last.pth`): connectors and prompt
 * under `model`, the configuration under `config`. Nothing in the file is executed.
 *
 * @param options.config in place of the checkpoint's own: the content of the YAML file that it was trained with.
 * @throws {OcelliError} naming what is missing, unknown or of another shape than configuration and backbones make it.
 */
export async function readReleasedEpalm(
  path: string,
  backbones: {
    readonly languageModel: Pick<LanguageModel, 'config'>;
    readonly encoder: Pick<Encoder, 'config'>;
  },
  options: { readonly config?: unknown } = {},
): Promise<ReleasedEpalm> {
  const file = readPyTorch(path);
  const own = file.value instanceof Map ? file.value.get('config') : undefined;
  const given = options.config ?? (own === undefined ? undefined : plain(own));
  if (given === undefined) {
    throw new OcelliError(
      'epalm',
      `${path} has no configuration under "config"; give the YAML file that it was trained with`,
    );
  }
  const config = parseReleasedEpalmConfig(
    given,
    options.config === undefined ? path : 'the given configuration',
  );
  const arrays = await trainedArrays(file.select('model'));
  const adapter = createAdapter('epalm', config.adapter, {
    languageModel: backbones.languageModel.config,
    encoder: backbones.encoder.config,
    random: new Random(0),
  });
  try {
    const parameters = new Map([...adapter.parameters].map(([name, { tensor }]) => [name, tensor]));
    fillTensors(
      'epalm',
      path,
      parameters,
      arrays,
      'give the configuration and the backbones that it was trained with',
    );
  } catch (error) {
    adapter.dispose();
    throw error;
  }
  return { adapter, config };
}

/** All tensors as float32, without the `module.` of a distributed run. */
async function trainedArrays(model: TensorSource): Promise<Map<string, HostArray>> {
  const names = [...model.tensors.keys()];
  const adapters = names.filter((name) => name.includes('adapter'));
  if (adapters.length > 0) {
    throw new OcelliError(
      'epalm',
      `${model.path} has adapters in the language model (${adapters.length} tensors, first ${adapters[0]}), which the ` +
        `method epalm does not have; give a checkpoint that was trained without use_adapters`,
    );
  }
  const arrays = new Map<string, HostArray>();
  for (const name of names) {
    using tensor = model.load(name, { dtype: 'float32' });
    const data = (await tensor.data()) as Float32Array;
    arrays.set(name.replace(/^module\./, ''), { dtype: 'float32', shape: tensor.shape, data });
  }
  return arrays;
}

/** Dictionaries and namespaces as plain objects, for a schema. */
function plain(value: PickledValue): unknown {
  if (value instanceof PickledRecord) return plain(value.fields);
  if (Array.isArray(value)) return value.map(plain);
  if (!(value instanceof Map)) return value;
  const entries = [...value].map(([key, inner]) => [String(key), plain(inner)] as const);
  return Object.fromEntries(entries);
}
