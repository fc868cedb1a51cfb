import type { HookList } from '@ocelli/backbones';
import { linear, reshape, type Tensor } from '@ocelli/ops';
import type { Adapter, AdapterContext, AdapterParameter } from '../adapter.js';
import { Projection } from '../projection.js';
import { registerAdapter } from '../registry.js';
import { SoftPrompt } from '../soft-prompt.js';
import { type PromptfuseConfig, promptfuseSchema } from './config.js';

/**
 * PromptFuse (Liang et al. 2022, ACL) in eP-ALM's setup: the last [CLS] stands before the text as it is, and only soft
 * tokens are trained. Encoder and language model differ in width, so a fixed random linear, drawn with the adapter's
 * seed and saved with it, brings the token to the right width (eP-ALM's `freeze_connector`).
 */
class Promptfuse implements Adapter {
  readonly name = 'promptfuse';
  readonly features = { layers: 1, tokens: 'class' as const };
  readonly parameters: ReadonlyMap<string, AdapterParameter>;
  readonly buffers = new Map<string, Tensor>();
  readonly causal = true;
  readonly #prompt: SoftPrompt;
  readonly #weight: Tensor;
  readonly #bias: Tensor;

  constructor(
    readonly config: PromptfuseConfig,
    context: AdapterContext,
  ) {
    const width = context.languageModel.embeddingWidth;
    const { weight, bias } = new Projection(context.encoder.width, width, context.random);
    weight.requiresGrad = false;
    bias.requiresGrad = false;
    this.#weight = weight;
    this.#bias = bias;
    this.buffers.set('connector.weight', weight).set('connector.bias', bias);
    this.#prompt = new SoftPrompt(config.promptLength, width, false, context.random);
    this.parameters = new Map(this.#prompt.named());
  }

  hooks(features: Tensor): HookList {
    const [batch, , , width] = features.shape as [number, number, number, number];
    const token = linear(reshape(features, [batch, 1, width]), this.#weight, this.#bias);
    return [{ splice: () => token }, { splice: () => this.#prompt.forward(batch) }];
  }

  dispose(): void {
    for (const { tensor } of this.parameters.values()) tensor.dispose();
    for (const tensor of this.buffers.values()) tensor.dispose();
  }
}

registerAdapter({
  name: 'promptfuse',
  description:
    'PromptFuse: the last [CLS] before the text as it is, only soft tokens trained (ACL 2022 Findings)',
  schema: promptfuseSchema,
  create: (config, context) => new Promptfuse(config, context),
});
