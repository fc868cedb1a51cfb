import {
  type CrossEntropyOptions,
  concat,
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
import type {
  EncodeInput,
  EncodeOutput,
  EncoderDecoder,
  EncoderDecoderConfig,
  EncoderDecoderInput,
} from './encoder-decoder.js';
import { EncoderDecoderCache } from './encoder-decoder-cache.js';
import type { HookContext, HookList } from './hooks.js';
import type { LanguageModelOutput, TokenBatch } from './language-model.js';
import { textPositions } from './positions.js';
import { runStack } from './run-stack.js';
import { dropRows, prependRows, type Sequence } from './sequence.js';
import type { Weights } from './weights.js';

export type Stack = 'encoder' | 'decoder';

/** What a block of either stack works on. */
export interface StackBlockCall {
  readonly stack: Stack;
  readonly layer: number;
  readonly sequence: Sequence;
  readonly hooks: HookList;
  readonly context: HookContext;
  /** Added to the scores of self-attention, `[heads, queries, keys]`, if the model has relative positions. */
  readonly bias: Tensor | null;
  /** What cross-attention reads; null in the encoder, and once the cache has it. */
  readonly memory: Sequence | null;
  readonly cache: EncoderDecoderCache | undefined;
}

/** The rows of one self-attention. Text comes last; what was spliced or injected before it has no position. */
export interface AttentionRows {
  readonly queries: number;
  /** Text positions among the queries. */
  readonly queryTexts: number;
  /** The queries' own and those of the cache. */
  readonly keys: number;
  /** Text positions among the keys. */
  readonly keyTexts: number;
}

/**
 * What all encoder-decoder language models share: the walk over both stacks with hooks, spliced rows, cache and
 * recomputation. An architecture says how text enters, what a block computes and what stands before the head.
 */
export abstract class EncoderDecoderModel implements EncoderDecoder {
  abstract readonly config: EncoderDecoderConfig;

  protected constructor(
    protected readonly weights: Weights,
    readonly fingerprint: string,
  ) {}

  /** The head's weight `[vocabulary, inputs]`. */
  protected abstract readonly head: Tensor | PackedWeight;
  /** Token embeddings: `[batch, tokens]` → `[batch, tokens, width]`. */
  abstract embed(ids: Tensor): Tensor;
  /**
   * From the embeddings of text to the first block, a tensor of its own; spliced rows do without.
   *
   * @param positions of each token: from 0, -1 at padding.
   */
  protected abstract enter(stack: Stack, embeddings: Tensor, positions: Int32Array): Tensor;
  /** `StackBlockCall.bias`. */
  protected abstract bias(stack: Stack, rows: AttentionRows): Tensor | null;
  /** A block's output: `[batch, rows, width]`. */
  protected abstract block(call: StackBlockCall): Tensor;
  /** The norm after the last block. */
  protected abstract finish(stack: Stack, x: Tensor): Tensor;
  /** From the decoder's last hidden state to the head's input: `[batch, tokens, width]` → `[batch, tokens, inputs]`. */
  protected abstract toHead(x: Tensor): Tensor;

  get parameterCount(): number {
    return this.weights.parameterCount;
  }

  unfreeze(names: readonly string[]): ReadonlyMap<string, Tensor> {
    return this.weights.unfreeze(names);
  }

  createCache(): EncoderDecoderCache {
    return new EncoderDecoderCache();
  }

  encode(call: EncodeInput): EncodeOutput {
    const { input, hooks = [], outputHiddenStates } = call;
    const { encoderLayers } = this.config;
    const context: HookContext = { batch: input.batch, pastTokens: 0 };
    const embeddings = call.inputEmbeddings ?? this.embed(idsOf(input));
    const { sequence, hiddenStates } = this.#run('encoder', input, embeddings, context, {
      hooks,
      recompute: call.recompute,
      outputHiddenStates,
    });
    const x = atSite(hooks, 'final', encoderLayers, this.finish('encoder', sequence.hiddenStates), context);
    const memory: Sequence = { ...sequence, hiddenStates: x };
    const lastHiddenState = textRows(memory, input);
    if (outputHiddenStates) hiddenStates[encoderLayers] = lastHiddenState; // as transformers counts
    return { memory, lastHiddenState, hiddenStates };
  }

  forward(call: EncoderDecoderInput): LanguageModelOutput {
    const { headInput, ...states } = this.#decode(call);
    return { logits: linear(headInput, this.head), ...states };
  }

  loss(call: EncoderDecoderInput, targets: Tensor, options?: CrossEntropyOptions): Tensor {
    const { headInput } = this.#decode(call);
    const rows = reshape(headInput, [-1, headInput.shape.at(-1)!]);
    return linearCrossEntropy(rows, this.head, targets, options);
  }

  dispose(): void {
    this.weights.dispose();
  }

  /** All but the head. `headInput` is what it reads: `[rows, inputs]` by `logitRows`, else `[batch, tokens, inputs]`. */
  #decode(call: EncoderDecoderInput): Omit<LanguageModelOutput, 'logits'> & { headInput: Tensor } {
    const { decoderInput, hooks = [], cache, outputHiddenStates } = call;
    const { decoderLayers } = this.config;
    const memory = this.#memoryOf(call);
    const context: HookContext = { batch: decoderInput.batch, pastTokens: cache?.self.tokens(0) ?? 0 };
    const embeddings = call.decoderInputEmbeddings ?? this.embed(idsOf(decoderInput));
    const { sequence, hiddenStates } = this.#run('decoder', decoderInput, embeddings, context, {
      hooks,
      memory,
      cache,
      recompute: cache ? undefined : call.recompute,
      outputHiddenStates,
    });
    const finished = this.finish('decoder', textRows(sequence, decoderInput));
    const x = atSite(hooks, 'final', decoderLayers, finished, context);
    if (outputHiddenStates) hiddenStates[decoderLayers] = x; // as transformers counts: the last one is after the norm
    const headInput = this.toHead(x);
    const { logitRows } = call;
    return {
      headInput: logitRows
        ? gatherRows(reshape(headInput, [-1, headInput.shape.at(-1)!]), logitRows)
        : headInput,
      lastHiddenState: x,
      hiddenStates,
    };
  }

  /** What cross-attention is to read; null if the cache has it. */
  #memoryOf({
    input,
    inputEmbeddings,
    encoderHooks,
    memory,
    decoderInput,
    cache,
    recompute,
  }: EncoderDecoderInput): Sequence | null {
    const hasMemory = cache?.hasMemory ?? false;
    const sources = [input, memory, hasMemory || undefined].filter((source) => source !== undefined);
    if (sources.length !== 1) {
      throw new OcelliError(
        'forward',
        `the decoder reads an input, a memory or a cache that has one, got ${sources.length} of them; give one`,
      );
    }
    if (hasMemory) return null;
    const samples = input?.batch ?? memory?.hiddenStates.shape[0];
    if (samples !== decoderInput.batch) {
      throw new OcelliError(
        'forward',
        `the encoder has ${samples} samples and the decoder ${decoderInput.batch}; they must be the same`,
      );
    }
    return (
      memory ??
      this.encode({
        input: input!,
        ...(inputEmbeddings ? { inputEmbeddings } : {}),
        ...(encoderHooks ? { hooks: encoderHooks } : {}),
        ...(recompute ? { recompute } : {}),
      }).memory
    );
  }

  /** Takes text through a stack, up to what stands before its final norm. */
  #run(
    stack: Stack,
    input: TokenBatch,
    embeddings: Tensor,
    context: HookContext,
    options: {
      hooks: HookList;
      memory?: Sequence | null;
      cache?: EncoderDecoderCache | undefined;
      recompute: EncodeInput['recompute'];
      outputHiddenStates: boolean | undefined;
    },
  ): { sequence: Sequence; hiddenStates: Tensor[] } {
    const { hooks, memory = null, cache, recompute, outputHiddenStates } = options;
    const hiddenStates: Tensor[] = [];
    const keyTexts = (cache?.textTokens ?? 0) + input.tokens;
    if (cache) cache.textTokens = keyTexts;
    const biases = new Map<string, Tensor | null>(); // shared by all blocks with as many rows
    const biasOf = (queries: number, keys: number): Tensor | null => {
      const key = `${queries} ${keys}`;
      let bias = biases.get(key);
      if (bias === undefined) {
        bias = this.bias(stack, { queries, queryTexts: input.tokens, keys, keyTexts });
        biases.set(key, bias);
      }
      return bias;
    };
    const sequence = runStack(this.#firstInput(stack, input, embeddings, context, { hooks, cache }), {
      layers: stack === 'encoder' ? this.config.encoderLayers : this.config.decoderLayers,
      hooks,
      context,
      recomputed: recompute,
      cachedRows: (layer) => cache?.self.tokens(layer) ?? 0,
      block: (layer, sequence, blockContext) => {
        const queries = sequence.hiddenStates.shape[1]!;
        const bias = biasOf(queries, queries + blockContext.pastTokens);
        let read = memory;
        if (read) for (const hook of hooks) read = hook.overrideMemory?.(layer, read, blockContext) ?? read;
        const call = { stack, layer, sequence, hooks, context: blockContext, bias, memory: read, cache };
        return {
          reads: [bias, read?.hiddenStates ?? null, read?.keyMask ?? null],
          run: () => this.block(call),
        };
      },
      watch: outputHiddenStates ? (state) => hiddenStates.push(textRows(state, input)) : undefined,
    });
    return { sequence, hiddenStates };
  }

  /** Text that has entered, spliced rows before each sample's. */
  #firstInput(
    stack: Stack,
    input: TokenBatch,
    embeddings: Tensor,
    context: HookContext,
    { hooks, cache }: { hooks: HookList; cache: EncoderDecoderCache | undefined },
  ): Sequence {
    const { positions, lengths } = textPositions(input, cache?.self.positions ?? null);
    if (cache) cache.self.positions = lengths;
    const furthest = Math.max(...lengths);
    if (furthest > this.config.maxPositions) {
      throw new OcelliError(
        'forward',
        `a sequence of ${furthest} tokens does not fit into the ${stack}'s ${this.config.maxPositions} positions`,
      );
    }
    const text: Sequence = {
      hiddenStates: this.enter(stack, embeddings, positions),
      keyMask: tensor(input.mask, [input.batch, input.tokens]),
      lengths: null,
      fullRows: 0,
    };
    const spliced = context.pastTokens > 0 ? [] : hooks.flatMap((hook) => hook.splice?.(context) ?? []);
    if (spliced.length === 0) return text;
    return prependRows(text, spliced.length === 1 ? spliced[0]! : concat(spliced, 1));
  }
}

function idsOf(input: TokenBatch): Tensor {
  return tensor(input.ids, [input.batch, input.tokens]);
}

/** Spliced and injected rows stand before the text. */
function textRows(sequence: Sequence, { tokens }: TokenBatch): Tensor {
  return dropRows(sequence, sequence.hiddenStates.shape[1]! - tokens).hiddenStates;
}
