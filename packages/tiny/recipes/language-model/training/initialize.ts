import { type OptConfig, OptModel } from '@ocelli/backbones';
import type { Random } from '@ocelli/ops';

/** The width that OPT's initial standard deviation of 0.02 suits. */
const usualWidth = 768;
const usualDeviation = 0.02;

/** Standard deviation of token embeddings: large enough that the residual stream begins with which token it is. */
const embeddingDeviation = 0.06;

/**
 * A new model whose layers start as strong as those of a wide one: OPT's N(0, 0.02) is scaled by √(768 / width), and what
 * is added to the residual stream by 1/√(2 · layers) as in GPT-2 (Radford et al. 2019).
 */
export async function initialize(config: OptConfig, random: Random): Promise<OptModel> {
  const model = OptModel.initialize(config, random);
  const layerFactor = Math.sqrt(usualWidth / config.hidden_size);
  const addedFactor = layerFactor / Math.sqrt(2 * config.num_hidden_layers);
  for (const [name, parameter] of model.namedParameters()) {
    if (parameter.rank < 2 || name.includes('embed_positions')) continue;
    const isAdded = name.includes('out_proj') || name.includes('fc2');
    const isTable = name.includes('embed_tokens');
    const factor = isTable ? embeddingDeviation / usualDeviation : isAdded ? addedFactor : layerFactor;
    const values = await parameter.data();
    parameter.write(values.map((value) => value * factor));
  }
  return model;
}
