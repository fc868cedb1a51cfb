import { add, attention, type LinearActivation, layerNorm, multiply, type Tensor } from '@ocelli/ops';
import { applyLinear, type LinearFollowers } from './apply-linear.js';
import { atSite } from './at-site.js';
import type { EncoderBlockCall } from './encoder-model.js';
import type { HookContext, LinearName, Site } from './hooks.js';
import type { Linear, NormWeights } from './weights.js';

export interface EncoderBlockWeights {
  readonly attentionNorm: NormWeights;
  readonly query: Linear;
  readonly key: Linear;
  readonly value: Linear;
  readonly output: Linear;
  /** Layer scale of attention's output, `[width]` (Touvron et al. 2021, arXiv 2103.17239). Default: none. */
  readonly attentionScale?: Tensor;
  readonly feedForwardNorm: NormWeights;
  /** SwiGLU's gate (Shazeer 2020, arXiv 2002.05202): silu(gate x) * up x in place of activation(up x). Default: none. */
  readonly gate?: Linear;
  readonly up: Linear;
  readonly down: Linear;
  /** Layer scale of the feed-forward's output, `[width]`. Default: none. */
  readonly feedForwardScale?: Tensor;
}

export interface EncoderBlockConfig {
  readonly heads: number;
  /** Of its norms. */
  readonly epsilon: number;
  /** Of the feed-forward. */
  readonly activation: LinearActivation;
}

/** The pre-LN block of an encoder: x + attention(norm(x)), then x + feedForward(norm(x)), with their hooks. */
export class EncoderBlock {
  constructor(
    readonly weights: EncoderBlockWeights,
    readonly config: EncoderBlockConfig,
  ) {}

  /** `[batch, tokens, width]` → the same. */
  forward(call: EncoderBlockCall): Tensor {
    return this.addFeedForward({ ...call, input: this.attend(call, call.input) });
  }

  /** Self-attention of the norm of the call's input, added to `residual` if there is one. */
  attend(call: EncoderBlockCall, residual: Tensor | null): Tensor {
    const { weights, config } = this;
    const context = contextOf(call);
    let x = this.#at('attention.in', call)(this.#norm(call.input, weights.attentionNorm));
    const query = this.#apply('query', call, x);
    x = attention(query, this.#apply('key', call, x), this.#apply('value', call, x), { heads: config.heads });
    for (const hook of call.hooks) {
      const extra = hook.keyValues?.(call.layer, query, context);
      if (extra) x = add(x, extra);
    }
    return this.#addTo(residual, 'output', call, x, {
      atSite: this.#at('attention.out', call),
      scale: weights.attentionScale,
    });
  }

  /** The feed-forward of the norm of the call's input, added to that input. */
  addFeedForward(call: EncoderBlockCall): Tensor {
    const { weights, config } = this;
    const x = this.#at('feedForward.in', call)(this.#norm(call.input, weights.feedForwardNorm));
    const inner = weights.gate // [batch, tokens, feedForwardWidth]
      ? multiply(this.#apply('gate', call, x, { activation: 'silu' }), this.#apply('up', call, x))
      : this.#apply('up', call, x, { activation: config.activation });
    return this.#addTo(call.input, 'down', call, inner, {
      atSite: this.#at('feedForward.out', call),
      scale: weights.feedForwardScale,
    });
  }

  /** residual + scale * linear(x): one op where there is no scale and no hook looks in between. */
  #addTo(
    residual: Tensor | null,
    name: LinearName & keyof EncoderBlockWeights,
    call: EncoderBlockCall,
    x: Tensor,
    { atSite, scale }: { atSite: (y: Tensor) => Tensor; scale: Tensor | undefined },
  ): Tensor {
    if (!scale) return this.#apply(name, call, x, residual ? { atSite, residual } : { atSite });
    const y = multiply(this.#apply(name, call, x, { atSite }), scale);
    return residual ? add(residual, y) : y;
  }

  #apply(
    name: LinearName & keyof EncoderBlockWeights,
    { layer, hooks }: EncoderBlockCall,
    x: Tensor,
    followers?: LinearFollowers,
  ): Tensor {
    return applyLinear(this.weights[name]!, { name, layer, hooks }, x, followers);
  }

  #at(site: Site, call: EncoderBlockCall): (x: Tensor) => Tensor {
    return (x) => atSite(call.hooks, site, call.layer, x, contextOf(call));
  }

  #norm(x: Tensor, { weight, bias }: NormWeights): Tensor {
    return layerNorm(x, { weight, bias, epsilon: this.config.epsilon });
  }
}

function contextOf({ input }: EncoderBlockCall): HookContext {
  return { batch: input.shape[0]!, pastTokens: 0 };
}
