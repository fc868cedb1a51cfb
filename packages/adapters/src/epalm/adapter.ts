import { dropRows, type HookList, prependRows, replaceRows } from '@ocelli/backbones';
import { OcelliError, reshape, slice, type Tensor } from '@ocelli/ops';
import type { Adapter, AdapterContext, AdapterParameter } from '../adapter.js';
import { Projection } from '../projection.js';
import { registerAdapter } from '../registry.js';
import { SoftPrompt } from '../soft-prompt.js';
import { type EpalmConfig, epalmSchema } from './config.js';
import { injectionMap } from './injection.js';

type ResolvedConfig = Required<EpalmConfig>;

/**
 * eP-ALM (Shukor, Dancette, Cord 2023, arXiv 2303.11403). The [CLS] tokens of the encoder's last K blocks are projected
 * by one linear each (or one for all) and put before the sequence in the language model's upper layers: the first adds
 * a row, the following replace it. Soft tokens stand before the text from the first layer on.
 */
class Epalm implements Adapter {
  readonly name = 'epalm';
  readonly features;
  readonly parameters = new Map<string, AdapterParameter>();
  readonly buffers = new Map<string, Tensor>();
  readonly causal: boolean;
  readonly #projections: Projection[];
  readonly #prompt: SoftPrompt | null;
  readonly #injections: ReadonlyMap<number, number>;

  constructor(
    readonly config: ResolvedConfig,
    context: AdapterContext,
  ) {
    const { width, embeddingWidth } = context.languageModel;
    this.features = { layers: config.features, tokens: 'class' as const };
    this.causal = config.compat === 'clean';
    const count = config.sharedProjection ? 1 : config.features;
    this.#projections = Array.from(
      { length: count },
      () => new Projection(context.encoder.width, width, context.random),
    );
    this.#prompt =
      config.prompt.length > 0
        ? new SoftPrompt(config.prompt.length, embeddingWidth, config.prompt.mlp, context.random)
        : null;
    this.#injections = injectionMap(config);
    for (const [index, projection] of this.#projections.entries()) {
      this.parameters.set(`connector.${index}.weight`, { tensor: projection.weight, group: 'projection' });
      this.parameters.set(`connector.${index}.bias`, { tensor: projection.bias, group: 'projection' });
    }
    for (const [name, parameter] of this.#prompt?.named() ?? []) this.parameters.set(name, parameter);
  }

  hooks(features: Tensor): HookList {
    const [batch, , , encoderWidth] = features.shape as [number, number, number, number];
    // A feature may go into several layers of one forward pass and is projected once for it.
    const projected = new Map<number, Tensor>();
    const project = (feature: number): Tensor => {
      let row = projected.get(feature);
      if (!row) {
        const token = reshape(slice(features, 1, feature, feature + 1), [batch, 1, encoderWidth]);
        row = this.#projections[this.config.sharedProjection ? 0 : feature]!.forward(token); // [batch, 1, width]
        projected.set(feature, row);
      }
      return row;
    };
    const [firstLayer] = this.#injections.keys();
    return [
      {
        splice: () => this.#prompt?.forward(batch) ?? null,
        override: (layer, sequence, context) => {
          if (context.pastTokens > 0) return sequence; // the injected rows are in the cache
          const feature = this.#injections.get(layer);
          if (layer === firstLayer) projected.clear();
          if (feature !== undefined) {
            const row = project(feature);
            if (layer !== firstLayer) return replaceRows(sequence, row);
            return { ...prependRows(sequence, row), fullRows: this.config.compat === 'reference' ? 1 : 0 };
          }
          const leaves = layer === this.config.endLayer && this.config.compat === 'clean';
          return leaves ? dropRows(sequence, 1) : sequence;
        },
      },
    ];
  }

  dispose(): void {
    for (const { tensor } of this.parameters.values()) tensor.dispose();
  }
}

/** Fills in what depends on the backbones, and checks that it fits them. */
function resolve(config: EpalmConfig, { languageModel, encoder }: AdapterContext): ResolvedConfig {
  const endLayer = config.endLayer ?? Math.max(1, languageModel.layers - 1);
  const startLayer =
    config.startLayer ?? Math.min(endLayer - 1, Math.floor((languageModel.layers * 19) / 32));
  // More features than layers that take one would leave the deepest ones unused.
  const features = config.features ?? Math.max(1, Math.min(6, encoder.layers, endLayer - startLayer));
  if (features > encoder.layers) {
    throw new OcelliError('epalm', `features is ${features}, but the encoder has ${encoder.layers} blocks`);
  }
  if (startLayer >= endLayer || endLayer > languageModel.layers) {
    throw new OcelliError(
      'epalm',
      `layers ${startLayer} to ${endLayer} do not fit a language model of ${languageModel.layers} layers; ` +
        `startLayer must be below endLayer, and endLayer at most the number of layers`,
    );
  }
  const resolved = { ...config, features, startLayer, endLayer };
  if (injectionMap(resolved).size === 0) {
    throw new OcelliError(
      'epalm',
      `no layer from ${startLayer} to ${endLayer} is a multiple of layerStep ${config.layerStep}`,
    );
  }
  return resolved;
}

registerAdapter({
  name: 'epalm',
  description:
    'eP-ALM: projected [CLS] tokens injected into the upper layers, and a soft prompt (arXiv 2303.11403)',
  schema: epalmSchema,
  create: (config, context) => new Epalm(resolve(config, context), context),
});
