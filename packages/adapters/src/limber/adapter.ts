import type { HookList } from '@ocelli/backbones';
import { reshape, type Tensor } from '@ocelli/ops';
import type { Adapter, AdapterContext, AdapterParameter } from '../adapter.js';
import { Projection } from '../projection.js';
import { registerAdapter } from '../registry.js';
import { type LimberConfig, limberSchema } from './config.js';

/** LiMBeR (Merullo et al. 2022, arXiv 2209.15162): one linear puts the encoder's tokens before the text. */
class Limber implements Adapter {
  readonly name = 'limber';
  readonly features;
  readonly parameters = new Map<string, AdapterParameter>();
  readonly buffers = new Map<string, Tensor>();
  readonly causal = true;
  readonly #projection: Projection;

  constructor(
    readonly config: LimberConfig,
    context: AdapterContext,
  ) {
    this.features = { layers: 1, tokens: config.tokens };
    this.#projection = new Projection(
      context.encoder.width,
      context.languageModel.embeddingWidth,
      context.random,
    );
    this.parameters.set('projection.weight', { tensor: this.#projection.weight, group: 'projection' });
    this.parameters.set('projection.bias', { tensor: this.#projection.bias, group: 'projection' });
  }

  hooks(features: Tensor): HookList {
    const [batch, , tokens, width] = features.shape as [number, number, number, number];
    return [{ splice: () => this.#projection.forward(reshape(features, [batch, tokens, width])) }];
  }

  dispose(): void {
    for (const { tensor } of this.parameters.values()) tensor.dispose();
  }
}

registerAdapter({
  name: 'limber',
  description: 'LiMBeR: one linear puts the encoder tokens before the text (arXiv 2209.15162)',
  schema: limberSchema,
  create: (config, context) => new Limber(config, context),
});
