import { OcelliError, type Tensor } from '@ocelli/ops';
import { atSite } from './at-site.js';
import type { Encoder, EncoderConfig, EncoderOptions, EncoderOutput } from './encoder.js';
import type { HookContext, HookList } from './hooks.js';
import { runStack } from './run-stack.js';
import type { Weights } from './weights.js';

/** What a block of an encoder works on. */
export interface EncoderBlockCall {
  readonly layer: number;
  /** `[batch, tokens, width]`. */
  readonly input: Tensor;
  readonly hooks: HookList;
}

/**
 * What all encoders share: the walk over the blocks with hooks and recomputation. An architecture says how its input
 * becomes tokens, what a block computes and what the final norm is.
 */
export abstract class EncoderModel implements Encoder {
  abstract readonly config: EncoderConfig;

  protected constructor(
    protected readonly weights: Weights,
    readonly fingerprint: string,
  ) {}

  /** The first block's input: `[batch, ...inputShape]` → `[batch, tokens, width]`. */
  protected abstract embed(input: Tensor): Tensor;
  /** A block's output: `[batch, tokens, width]`. */
  protected abstract block(call: EncoderBlockCall): Tensor;
  abstract normalize(x: Tensor): Tensor;

  /** From the last block's output to `lastHiddenState`. */
  protected finish(x: Tensor): Tensor {
    return this.normalize(x);
  }

  /** From `lastHiddenState` to transformers' `pooler_output`, where no head is needed for it. */
  protected pool(_x: Tensor): Tensor | null {
    return null;
  }

  get parameterCount(): number {
    return this.weights.parameterCount;
  }

  /** Every tensor under Hugging Face's name; needs a trainable model. */
  namedParameters(): ReadonlyMap<string, Tensor> {
    return this.weights.named();
  }

  unfreeze(names: readonly string[]): ReadonlyMap<string, Tensor> {
    return this.weights.unfreeze(names);
  }

  forward(input: Tensor, options: EncoderOptions = {}): EncoderOutput {
    const { hooks = [], outputHiddenStates = false, recompute: recomputed } = options;
    const { layers } = this.config;
    this.#check(input);
    const first = this.embed(input);
    const context: HookContext = { batch: first.shape[0]!, pastTokens: 0 };
    const hiddenStates: Tensor[] = [];
    const { hiddenStates: x } = runStack(
      { hiddenStates: first, keyMask: null, lengths: null, fullRows: 0 },
      {
        layers,
        hooks,
        context,
        recomputed,
        block: (layer, sequence) => ({
          run: () => this.block({ layer, input: sequence.hiddenStates, hooks }),
        }),
        watch: outputHiddenStates ? (state) => hiddenStates.push(state.hiddenStates) : undefined,
      },
    );
    const lastHiddenState = atSite(hooks, 'final', layers, this.finish(x), context);
    return { lastHiddenState, pooled: this.pool(lastHiddenState), hiddenStates };
  }

  dispose(): void {
    this.weights.dispose();
  }

  #check(input: Tensor): void {
    const { inputName, inputShape } = this.config;
    const fits =
      input.rank === inputShape.length + 1 &&
      inputShape.every((extent, axis) => extent === input.shape[axis + 1]);
    if (fits) return;
    throw new OcelliError(
      'encoder',
      `${inputName} must be [batch, ${inputShape.join(', ')}], got [${input.shape.join(', ')}]; prepare it with the ` +
        `model's own processor`,
    );
  }
}
