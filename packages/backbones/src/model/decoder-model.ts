import {
  type CrossEntropyOptions,
  concat,
  embedding,
  gatherRows,
  hostTensor,
  hostValue,
  linearCrossEntropy,
  OcelliError,
  type PackedWeight,
  reshape,
  type Tensor,
  tensor,
} from '@ocelli/ops';
import { atSite } from './at-site.js';
import { DecoderBlockCall } from './decoder-block-call.js';
import type { HookContext } from './hooks.js';
import { KeyValueCache } from './key-value-cache.js';
import type {
  LanguageModel,
  LanguageModelConfig,
  LanguageModelInput,
  LanguageModelOutput,
  PackedTokens,
  TokenBatch,
} from './language-model.js';
import { rowPositions, textPositions } from './positions.js';
import { runStack } from './run-stack.js';
import { dropRows, prependRows, type Sequence } from './sequence.js';
import type { Linear, Weights } from './weights.js';

/**
 * What all decoder-only language models share: the walk over the blocks with hooks, spliced rows, packed batches, cache
 * and recomputation. An architecture says how text enters, what a block computes and what stands before the head.
 */
export abstract class DecoderModel implements LanguageModel {
  abstract readonly config: LanguageModelConfig;
  readonly capturesSteps = true;

  protected constructor(
    protected readonly weights: Weights,
    readonly fingerprint: string,
  ) {}

  /** Without bias: `[..., embeddingWidth]` → `[..., vocabulary]`. */
  protected abstract readonly head: Linear;

  /** Token embeddings, `[vocabulary, embeddingWidth]`: the head's weight, unless a model has a table of its own. */
  protected get tokenTable(): Tensor | PackedWeight {
    return this.head.weight;
  }
  /**
   * From embeddings to the blocks' width; spliced rows pass too: `[batch, rows, embeddingWidth]` → `[batch, rows, width]`.
   * As they are, unless the model says otherwise.
   */
  protected enter(embeddings: Tensor): Tensor {
    return embeddings;
  }
  /**
   * Adds what learned positions give to text rows that have entered, `[batch, tokens, width]`; a model with other
   * positions leaves it out. Spliced rows get none.
   *
   * @param _positions gives those of each token: from 0, -1 at padding. They are others at the next step, so make a
   *   `hostTensor` of them.
   */
  protected addPositions(x: Tensor, _positions: () => Int32Array): Tensor {
    return x;
  }
  /** A block's output: `[batch, rows, width]`. */
  protected abstract block(call: DecoderBlockCall): Tensor;
  /** From the last block to the head's input: `[batch, tokens, width]` → `[batch, tokens, embeddingWidth]`. */
  protected abstract finish(x: Tensor): Tensor;

  get parameterCount(): number {
    return this.weights.parameterCount;
  }

  /** Every tensor under its name in the checkpoint; needs a trainable model. */
  namedParameters(): ReadonlyMap<string, Tensor> {
    return this.weights.named();
  }

  unfreeze(names: readonly string[]): ReadonlyMap<string, Tensor> {
    return this.weights.unfreeze(names);
  }

  createCache(): KeyValueCache {
    return new KeyValueCache();
  }

  embed(ids: Tensor): Tensor {
    return embedding(this.tokenTable, ids);
  }

  forward(call: LanguageModelInput): LanguageModelOutput {
    const { headInput, ...states } = this.#run(call);
    return { logits: this.head.forward(headInput), ...states };
  }

  loss(call: LanguageModelInput, targets: Tensor, options?: CrossEntropyOptions): Tensor {
    const { headInput } = this.#run(call);
    const rows = reshape(headInput, [-1, this.config.embeddingWidth]);
    return linearCrossEntropy(rows, this.head.weight, targets, options);
  }

  dispose(): void {
    this.weights.dispose();
  }

  /**
   * All but the head. `headInput` is what it reads: `[rows, embeddingWidth]` as chosen by `logitRows`, else
   * `[batch, tokens, embeddingWidth]`.
   */
  #run(call: LanguageModelInput): Omit<LanguageModelOutput, 'logits'> & { headInput: Tensor } {
    const { input, hooks = [], cache } = call;
    const { layers } = this.config;
    const batch = 'lengths' in input ? input.lengths.length : input.batch;
    const context: HookContext = { batch, pastTokens: cache?.tokens(0) ?? 0 };
    checkInput(call);
    const embeddings = call.inputEmbeddings ?? this.embed(hostTensor(() => input.ids, textShape(input)));
    const seen = cache?.positions ?? null;
    const columns = cache?.textColumns ?? 0;
    const positions = hostValue(() => {
      const text = textPositions(input, cache?.positions ?? null);
      checkLengths(text.lengths, this.config);
      if (cache) {
        cache.positions = text.lengths;
        cache.textColumns += 'lengths' in input ? 0 : input.tokens;
      }
      return text.positions;
    });
    const hiddenStates: Tensor[] = [];
    const sequence = runStack(this.#firstInput(call, embeddings, positions, context), {
      layers,
      hooks,
      context,
      recomputed: cache ? undefined : call.recompute,
      cachedRows: (layer) => cache?.tokens(layer) ?? 0,
      block: (layer, blockInput, blockContext) => {
        const places = {
          seen,
          cachedRows: blockContext.pastTokens > 0 ? blockContext.pastTokens - columns : 0,
          addedRows: addedRows(blockInput, call),
        };
        const rows = (): Int32Array => rowPositions(input, { ...places, text: positions() });
        const blockCall = new DecoderBlockCall(layer, blockInput, rows, hooks, blockContext, cache);
        return { run: () => this.block(blockCall) };
      },
      watch: call.outputHiddenStates ? (state) => hiddenStates.push(textRows(state, call)) : undefined,
    });
    const x = atSite(hooks, 'final', layers, this.finish(textRows(sequence, call)), context);
    if (call.outputHiddenStates) hiddenStates[layers] = x; // as transformers counts: the last one is after the norm
    const headInput = call.logitRows
      ? gatherRows(reshape(x, [input.ids.length, this.config.embeddingWidth]), call.logitRows)
      : x;
    return { headInput, lastHiddenState: x, hiddenStates };
  }

  /** Embeddings with positions, spliced rows before each sample's. */
  #firstInput(
    { input, hooks = [] }: LanguageModelInput,
    embeddings: Tensor,
    positions: () => Int32Array,
    context: HookContext,
  ): Sequence {
    const text: Sequence = {
      hiddenStates: this.addPositions(this.enter(embeddings), positions),
      keyMask: 'lengths' in input ? null : tensor(input.mask, textShape(input)),
      lengths: 'lengths' in input ? input.lengths : null,
      fullRows: 0,
    };
    const spliced = context.pastTokens > 0 ? [] : hooks.flatMap((hook) => hook.splice?.(context) ?? []);
    if (spliced.length === 0) return text;
    const prefix = spliced.length === 1 ? spliced[0]! : concat(spliced, 1); // [batch, spliced, embeddingWidth]
    return prependRows(text, this.enter(prefix));
  }
}

function textShape(input: TokenBatch | PackedTokens): [number, number] {
  return 'lengths' in input ? [1, input.ids.length] : [input.batch, input.tokens];
}

function checkInput({ input, cache }: LanguageModelInput): void {
  if (!('lengths' in input)) return;
  const tokens = input.lengths.reduce((sum, length) => sum + length, 0);
  if (tokens !== input.ids.length) {
    throw new OcelliError(
      'forward',
      `samples of ${tokens} tokens in all were packed into ${input.ids.length} ids`,
    );
  }
  if (cache)
    throw new OcelliError('forward', 'a key-value cache takes a padded batch, got a packed one; pad it');
}

function checkLengths(lengths: Int32Array, { maxPositions }: LanguageModelConfig): void {
  const furthest = Math.max(...lengths);
  if (furthest <= maxPositions) return;
  throw new OcelliError(
    'forward',
    `a sequence of ${furthest} tokens does not fit into ${maxPositions} positions`,
  );
}

/** Spliced and injected rows stand before the text, as many in each sample. */
function addedRows({ hiddenStates, lengths }: Sequence, { input }: LanguageModelInput): number {
  const [batch, rows] = hiddenStates.shape as [number, number];
  return (batch * rows - input.ids.length) / (lengths?.length ?? batch);
}

/** The head reads the text only. */
function textRows(sequence: Sequence, call: LanguageModelInput): Tensor {
  return dropRows(sequence, addedRows(sequence, call)).hiddenStates;
}
