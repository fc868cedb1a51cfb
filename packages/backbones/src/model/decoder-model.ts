import {
  type CrossEntropyOptions,
  concat,
  embedding,
  gatherRows,
  linear,
  linearCrossEntropy,
  OcelliError,
  type PackedWeight,
  reshape,
  type Tensor,
  tensor,
} from '@ocelli/ops';
import { atSite } from './at-site.js';
import type { HookContext, HookList } from './hooks.js';
import { KeyValueCache } from './key-value-cache.js';
import type {
  LanguageModel,
  LanguageModelConfig,
  LanguageModelInput,
  LanguageModelOutput,
  PackedTokens,
  TokenBatch,
} from './language-model.js';
import { textPositions } from './positions.js';
import { runBlock } from './run-block.js';
import { dropRows, prependRows, type Sequence } from './sequence.js';
import type { Weights } from './weights.js';

/** What a block of a decoder works on. */
export interface DecoderBlockCall {
  readonly layer: number;
  readonly sequence: Sequence;
  readonly hooks: HookList;
  readonly context: HookContext;
  readonly cache: KeyValueCache | undefined;
}

/**
 * What all decoder-only language models share: the walk over the blocks with hooks, spliced rows, packed batches, cache
 * and recomputation. An architecture says how text enters, what a block computes and what stands before the head.
 */
export abstract class DecoderModel implements LanguageModel {
  abstract readonly config: LanguageModelConfig;

  protected constructor(
    protected readonly weights: Weights,
    readonly fingerprint: string,
  ) {}

  /** Token embeddings, `[vocabulary, embeddingWidth]`. */
  protected abstract readonly tokenTable: Tensor;
  /** The head's weight `[vocabulary, embeddingWidth]`. */
  protected abstract readonly head: Tensor | PackedWeight;
  /** From embeddings to the blocks' width; spliced rows pass too: `[batch, rows, embeddingWidth]` → `[batch, rows, width]`. */
  protected abstract enter(embeddings: Tensor): Tensor;
  /**
   * Adds what positions give to text rows that have entered, `[batch, tokens, width]`, if the model does so here.
   *
   * @param positions of each token: from 0, -1 at padding.
   */
  protected abstract addPositions(x: Tensor, positions: Int32Array): Tensor;
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
    return { logits: linear(headInput, this.head), ...states };
  }

  loss(call: LanguageModelInput, targets: Tensor, options?: CrossEntropyOptions): Tensor {
    const { headInput } = this.#run(call);
    const rows = reshape(headInput, [-1, this.config.embeddingWidth]);
    return linearCrossEntropy(rows, this.head, targets, options);
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
    const embeddings = call.inputEmbeddings ?? this.embed(tensor(input.ids, textShape(input)));
    let sequence = this.#firstInput(call, embeddings, context);
    let output = sequence.hiddenStates; // of the block before, freed when the next one has run
    sequence = { ...sequence, hiddenStates: atSite(hooks, 'embeddings', 0, output, context) };
    const hiddenStates = call.outputHiddenStates ? [textRows(sequence, call)] : [];
    const options = { hooks, recomputed: cache ? undefined : call.recompute };
    const isRead = call.outputHiddenStates || hooks.some((hook) => hook.tap);
    for (let layer = 0; layer < layers; layer++) {
      const blockContext = { batch, pastTokens: cache?.tokens(layer) ?? 0 };
      for (const hook of hooks) sequence = hook.override?.(layer, sequence, blockContext) ?? sequence;
      const blockInput = sequence;
      const before = output;
      output = runBlock(layer, [blockInput.hiddenStates, blockInput.keyMask], options, () =>
        this.block({ layer, sequence: blockInput, hooks, context: blockContext, cache }),
      );
      if (!isRead) before.dispose();
      sequence = { ...sequence, hiddenStates: atSite(hooks, 'block.out', layer, output, blockContext) };
      if (call.outputHiddenStates) hiddenStates.push(textRows(sequence, call));
    }
    for (const hook of hooks) sequence = hook.override?.(layers, sequence, context) ?? sequence;
    const x = atSite(hooks, 'final', layers, this.finish(textRows(sequence, call)), context);
    if (call.outputHiddenStates) hiddenStates[layers] = x; // as transformers counts: the last one is after the norm
    const headInput = call.logitRows
      ? gatherRows(reshape(x, [input.ids.length, this.config.embeddingWidth]), call.logitRows)
      : x;
    return { headInput, lastHiddenState: x, hiddenStates };
  }

  /** Embeddings with positions, spliced rows before each sample's. */
  #firstInput(call: LanguageModelInput, embeddings: Tensor, context: HookContext): Sequence {
    const { input, hooks = [], cache } = call;
    const { positions, lengths } = textPositions(input, cache?.positions ?? null);
    if (cache) cache.positions = lengths;
    const furthest = Math.max(...lengths);
    if (furthest > this.config.maxPositions) {
      throw new OcelliError(
        'forward',
        `a sequence of ${furthest} tokens does not fit into ${this.config.maxPositions} positions`,
      );
    }
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

/** Spliced and injected rows stand before the text, as many in each sample; the head reads the text only. */
function textRows(sequence: Sequence, { input }: LanguageModelInput): Tensor {
  const { hiddenStates, lengths } = sequence;
  const [batch, rows] = hiddenStates.shape as [number, number];
  const others = (batch * rows - input.ids.length) / (lengths?.length ?? batch);
  return dropRows(sequence, others).hiddenStates;
}
