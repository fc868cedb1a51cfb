import type { HookList, Site } from '@ocelli/backbones';
import {
  add,
  linear,
  type Random,
  relu,
  reshape,
  type Shape,
  sizeOf,
  type Tensor,
  tensor,
} from '@ocelli/ops';
import type { Adapter, AdapterContext, AdapterParameter } from '../adapter.js';
import { Projection } from '../projection.js';
import { registerAdapter } from '../registry.js';
import { type MagmaConfig, magmaSchema } from './config.js';

interface Bottleneck {
  downWeight: Tensor;
  downBias: Tensor;
  upWeight: Tensor;
  upBias: Tensor;
}

/**
 * MAGMA (Eichenberg et al. 2021, arXiv 2112.05253) in eP-ALM's setup: a LiMBeR prefix, and in every layer of the
 * language model `x + up(relu(down(x)))`. The encoder stays frozen here.
 */
class Magma implements Adapter {
  readonly name = 'magma';
  readonly features;
  readonly parameters = new Map<string, AdapterParameter>();
  readonly buffers = new Map<string, Tensor>();
  readonly causal = true;
  readonly #projection: Projection;
  readonly #bottlenecks = new Map<string, Bottleneck>();

  constructor(
    readonly config: MagmaConfig,
    context: AdapterContext,
  ) {
    const { width, embeddingWidth, layers } = context.languageModel;
    this.features = { layers: 1, tokens: config.tokens };
    this.#projection = new Projection(context.encoder.width, embeddingWidth, context.random);
    this.parameters.set('projection.weight', { tensor: this.#projection.weight, group: 'projection' });
    this.parameters.set('projection.bias', { tensor: this.#projection.bias, group: 'projection' });
    const hidden = Math.max(1, Math.floor(width / config.downsampleFactor));
    const sites = [config.feedForward && 'feedForward.out', config.attention && 'attention.out'].filter(
      (site) => site !== false,
    );
    for (let layer = 0; layer < layers; layer++) {
      for (const site of sites) this.#add(site, layer, width, hidden, context.random);
    }
  }

  hooks(features: Tensor): HookList {
    const [batch, , tokens, width] = features.shape as [number, number, number, number];
    return [
      {
        splice: () => this.#projection.forward(reshape(features, [batch, tokens, width])),
        map: (site, layer, x) => this.#adapt(site, layer, x),
      },
    ];
  }

  dispose(): void {
    for (const { tensor: parameter } of this.parameters.values()) parameter.dispose();
  }

  #adapt(site: Site, layer: number, x: Tensor): Tensor {
    const bottleneck = this.#bottlenecks.get(`${site}.${layer}`);
    if (!bottleneck) return x;
    const { downWeight, downBias, upWeight, upBias } = bottleneck;
    return add(x, linear(relu(linear(x, downWeight, downBias)), upWeight, upBias));
  }

  #add(site: string, layer: number, width: number, hidden: number, random: Random): void {
    const bottleneck = {
      downWeight: smallNormal(random, [hidden, width]),
      downBias: smallNormal(random, [hidden]),
      upWeight: smallNormal(random, [width, hidden]),
      upBias: smallNormal(random, [width]),
    };
    this.#bottlenecks.set(`${site}.${layer}`, bottleneck);
    const prefix = `layers.${layer}.${site === 'feedForward.out' ? 'feed_forward' : 'attention'}.adapter`;
    const named = {
      'down.weight': bottleneck.downWeight,
      'down.bias': bottleneck.downBias,
      'up.weight': bottleneck.upWeight,
      'up.bias': bottleneck.upBias,
    };
    for (const [name, parameter] of Object.entries(named)) {
      this.parameters.set(`${prefix}.${name}`, { tensor: parameter, group: 'adapter' });
    }
  }
}

/** MAGMA's initial values: N(0, 1e-3), cut off at two standard deviations, biases too. */
function smallNormal(random: Random, shape: Shape): Tensor {
  const deviation = 1e-3;
  const values = Float32Array.from({ length: sizeOf(shape) }, () => {
    const value = random.normal() * deviation;
    return Math.max(-2 * deviation, Math.min(2 * deviation, value));
  });
  return tensor(values, shape).asParameter();
}

registerAdapter({
  name: 'magma',
  description: 'MAGMA: a linear prefix and bottleneck adapters in every layer (arXiv 2112.05253)',
  schema: magmaSchema,
  create: (config, context) => new Magma(config, context),
});
