import {
  add,
  attention,
  type CrossEntropyOptions,
  concat,
  embedding,
  full,
  gatherRows,
  layerNorm,
  linear,
  linearCrossEntropy,
  normal,
  OcelliError,
  PackedWeight,
  type Random,
  reshape,
  type Shape,
  type Tensor,
  tensor,
  zeros,
} from '@ocelli/ops';
import { applyLinear, type LinearFollowers } from './apply-linear.js';
import type { HookContext, HookList, LinearName, Site } from './hooks.js';
import { KeyValueCache } from './key-value-cache.js';
import type {
  LanguageModel,
  LanguageModelConfig,
  LanguageModelInput,
  LanguageModelOutput,
  PackedTokens,
  TokenBatch,
} from './language-model.js';
import type { OptConfig } from './opt-config.js';
import { textPositions } from './positions.js';
import { runBlock } from './run-block.js';
import { dropRows, prependRows, type Sequence } from './sequence.js';
import {
  type BackboneOptions,
  initialWeights,
  type Linear,
  type NormWeights,
  type WeightSource,
  Weights,
} from './weights.js';

/** The position table starts with two rows that no token uses: the offset of fairseq, row 1 is for padding. */
const positionOffset = 2;
const epsilon = 1e-5;

interface Block {
  attentionNorm: NormWeights;
  query: Linear;
  key: Linear;
  value: Linear;
  output: Linear;
  feedForwardNorm: NormWeights;
  up: Linear;
  down: Linear;
}

/**
 * OPT (Zhang et al. 2022, arXiv 2205.01068): a decoder with ReLU feed-forwards, learned positions and a tied head.
 * Pre-LN with a final norm, except the 350M model: post-LN, no final norm, and linears between the width of the
 * embeddings and that of the blocks.
 */
export class OptModel implements LanguageModel {
  readonly config: LanguageModelConfig;
  readonly #opt: OptConfig;
  readonly #weights: Weights;
  readonly #tokenTable: Tensor;
  readonly #positionTable: Tensor;
  readonly #projectIn: Linear | null;
  readonly #projectOut: Linear | null;
  readonly #blocks: Block[];
  readonly #finalNorm: NormWeights | null;
  /** The token table once more, for as long as it is frozen. */
  #head: PackedWeight | null;

  constructor(
    opt: OptConfig,
    source: WeightSource,
    readonly fingerprint: string,
    options: BackboneOptions & { trainable?: boolean } = {},
  ) {
    const trainable = options.trainable ?? false;
    const width = opt.hidden_size;
    const embeddingWidth = opt.word_embed_proj_dim ?? width;
    this.#opt = opt;
    this.config = {
      layers: opt.num_hidden_layers,
      width,
      embeddingWidth,
      heads: opt.num_attention_heads,
      vocabularySize: opt.vocab_size,
      maxPositions: opt.max_position_embeddings,
      beginId: opt.bos_token_id,
      endId: opt.eos_token_id,
      padId: opt.pad_token_id,
    };
    const { dtype } = options;
    const weights = new Weights(source, { trainable, dtype });
    this.#weights = weights;
    const decoder = 'model.decoder';
    this.#tokenTable = weights.tensor(`${decoder}.embed_tokens.weight`, [opt.vocab_size, embeddingWidth]);
    this.#positionTable = weights.tensor(`${decoder}.embed_positions.weight`, [
      opt.max_position_embeddings + positionOffset,
      width,
    ]);
    const projects = embeddingWidth !== width;
    this.#projectIn = projects ? weights.linear(`${decoder}.project_in`, width, embeddingWidth, false) : null;
    this.#projectOut = projects
      ? weights.linear(`${decoder}.project_out`, embeddingWidth, width, false)
      : null;
    const { enable_bias: bias, layer_norm_elementwise_affine: affine } = opt;
    this.#blocks = Array.from({ length: opt.num_hidden_layers }, (_, layer) => {
      const block = `${decoder}.layers.${layer}`;
      return {
        attentionNorm: weights.norm(`${block}.self_attn_layer_norm`, width, affine),
        query: weights.linear(`${block}.self_attn.q_proj`, width, width, bias),
        key: weights.linear(`${block}.self_attn.k_proj`, width, width, bias),
        value: weights.linear(`${block}.self_attn.v_proj`, width, width, bias),
        output: weights.linear(`${block}.self_attn.out_proj`, width, width, bias),
        feedForwardNorm: weights.norm(`${block}.final_layer_norm`, width, affine),
        up: weights.linear(`${block}.fc1`, opt.ffn_dim, width, bias),
        down: weights.linear(`${block}.fc2`, width, opt.ffn_dim, bias),
      };
    });
    this.#finalNorm =
      opt.do_layer_norm_before && !opt._remove_final_layer_norm
        ? weights.norm(`${decoder}.final_layer_norm`, width, affine)
        : null;
    this.#head = trainable ? null : new PackedWeight(this.#tokenTable, { dtype: dtype ?? 'float32' });
  }

  /** A new model to train, with OPT's initial values: N(0, 0.02), biases 0, norms 1. */
  static initialize(opt: OptConfig, random: Random): OptModel {
    return new OptModel(opt, initialWeights(random, initialOptTensor), 'untrained', { trainable: true });
  }

  get parameterCount(): number {
    return this.#weights.parameterCount;
  }

  /** Every tensor under its name in the checkpoint; needs a trainable model. */
  namedParameters(): ReadonlyMap<string, Tensor> {
    return this.#weights.named();
  }

  unfreeze(names: readonly string[]): ReadonlyMap<string, Tensor> {
    const unfrozen = this.#weights.unfreeze(names);
    if (this.#tokenTable.requiresGrad) {
      this.#head?.dispose();
      this.#head = null;
    }
    return unfrozen;
  }

  createCache(): KeyValueCache {
    return new KeyValueCache();
  }

  /** Token embeddings before `project_in` and positions: `[batch, tokens, embeddingWidth]`. */
  embed(ids: Tensor): Tensor {
    return embedding(this.#tokenTable, ids);
  }

  forward(call: LanguageModelInput): LanguageModelOutput {
    const { headInput, ...states } = this.#run(call);
    return { logits: linear(headInput, this.#head ?? this.#tokenTable), ...states };
  }

  loss(call: LanguageModelInput, targets: Tensor, options?: CrossEntropyOptions): Tensor {
    const { headInput } = this.#run(call);
    const rows = reshape(headInput, [-1, this.config.embeddingWidth]);
    return linearCrossEntropy(rows, this.#head ?? this.#tokenTable, targets, options);
  }

  dispose(): void {
    this.#head?.dispose();
    this.#weights.dispose();
  }

  /**
   * All but the head. `headInput` is what it reads: `[rows, embeddingWidth]` as chosen by `logitRows`, else
   * `[batch, tokens, embeddingWidth]`.
   */
  #run(call: LanguageModelInput): Omit<LanguageModelOutput, 'logits'> & { headInput: Tensor } {
    const { input, hooks = [], cache } = call;
    const batch = 'lengths' in input ? input.lengths.length : input.batch;
    const context: HookContext = { batch, pastTokens: cache?.tokens(0) ?? 0 };
    checkInput(call);
    const embeddings = call.inputEmbeddings ?? this.embed(tensor(input.ids, textShape(input)));
    let sequence = this.#firstInput(call, embeddings, context);
    let output = sequence.hiddenStates; // of the block before, freed when the next one has run
    runTaps(hooks, 'embeddings', 0, sequence.hiddenStates);
    sequence = mapped(hooks, 'embeddings', 0, sequence, context);
    const hiddenStates = call.outputHiddenStates ? [textRows(sequence, call)] : [];
    const options = { hooks, recomputed: cache ? undefined : call.recompute };
    const isRead = call.outputHiddenStates || hooks.some((hook) => hook.tap);
    for (let layer = 0; layer < this.#blocks.length; layer++) {
      const blockContext = { batch, pastTokens: cache?.tokens(layer) ?? 0 };
      for (const hook of hooks) sequence = hook.override?.(layer, sequence, blockContext) ?? sequence;
      const blockInput = sequence;
      const before = output;
      output = runBlock(layer, [blockInput.hiddenStates, blockInput.keyMask], options, () =>
        this.#block(layer, blockInput, hooks, blockContext, cache),
      );
      if (!isRead) before.dispose();
      sequence = { ...sequence, hiddenStates: output };
      runTaps(hooks, 'block.out', layer, sequence.hiddenStates);
      sequence = mapped(hooks, 'block.out', layer, sequence, blockContext);
      if (call.outputHiddenStates) hiddenStates.push(textRows(sequence, call));
    }
    const layers = this.#blocks.length;
    for (const hook of hooks) sequence = hook.override?.(layers, sequence, context) ?? sequence;
    let x = textRows(sequence, call);
    if (this.#finalNorm) x = norm(x, this.#finalNorm);
    if (this.#projectOut) x = this.#projectOut.forward(x);
    runTaps(hooks, 'final', layers, x);
    x = mapped(hooks, 'final', layers, { ...sequence, hiddenStates: x }, context).hiddenStates;
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
        'opt',
        `a sequence of ${furthest} tokens does not fit into ${this.config.maxPositions} positions`,
      );
    }
    const rows = tensor(
      positions.map((position) => position + positionOffset),
      textShape(input),
    );
    const projected = this.#projectIn ? this.#projectIn.forward(embeddings) : embeddings;
    const text: Sequence = {
      hiddenStates: add(projected, embedding(this.#positionTable, rows)),
      keyMask: 'lengths' in input ? null : tensor(input.mask, textShape(input)),
      lengths: 'lengths' in input ? input.lengths : null,
      fullRows: 0,
    };
    const spliced = context.pastTokens > 0 ? [] : hooks.flatMap((hook) => hook.splice?.(context) ?? []);
    if (spliced.length === 0) return text;
    const prefix = spliced.length === 1 ? spliced[0]! : concat(spliced, 1); // [batch, spliced, embeddingWidth]
    return prependRows(text, this.#projectIn ? this.#projectIn.forward(prefix) : prefix);
  }

  #block(
    layer: number,
    sequence: Sequence,
    hooks: HookList,
    context: HookContext,
    cache?: KeyValueCache,
  ): Tensor {
    const block = this.#blocks[layer]!;
    const before = this.#opt.do_layer_norm_before;
    const map = (site: Site, x: Tensor): Tensor => {
      runTaps(hooks, site, layer, x);
      return mapped(hooks, site, layer, { ...sequence, hiddenStates: x }, context).hiddenStates;
    };
    const apply = (name: LinearName, x: Tensor, followers?: LinearFollowers): Tensor =>
      applyLinear(block[name], { name, layer, hooks }, x, followers);

    let residual = sequence.hiddenStates; // [batch, rows, width], packed [1, rows, width]
    let x = map('attention.in', before ? norm(residual, block.attentionNorm) : residual);
    const query = apply('query', x);
    let key = apply('key', x);
    let value = apply('value', x);
    let keyMask = sequence.keyMask;
    if (cache) {
      const seen = cache.append(layer, key, value, keyMask ?? full(key.shape.slice(0, 2), 1, 'uint8'));
      key = seen.key;
      value = seen.value;
      keyMask = seen.mask;
    }
    x = attention(query, key, value, {
      heads: this.config.heads,
      causal: true,
      keyMask,
      sequences: sequence.lengths,
      fullRows: sequence.fullRows,
    });
    for (const hook of hooks) {
      const extra = hook.keyValues?.(layer, query, context);
      if (extra) x = add(x, extra);
    }
    x = apply('output', x, { atSite: (y) => map('attention.out', y), residual });
    if (!before) x = norm(x, block.attentionNorm);

    residual = x;
    x = map('feedForward.in', before ? norm(x, block.feedForwardNorm) : x);
    x = apply('up', x, { activation: this.#opt.activation_function }); // [batch, rows, feedForwardWidth]
    x = apply('down', x, { atSite: (y) => map('feedForward.out', y), residual });
    return before ? x : norm(x, block.feedForwardNorm);
  }
}

function norm(x: Tensor, weights: NormWeights): Tensor {
  return layerNorm(x, { weight: weights.weight, bias: weights.bias, epsilon });
}

function textShape(input: TokenBatch | PackedTokens): [number, number] {
  return 'lengths' in input ? [1, input.ids.length] : [input.batch, input.tokens];
}

function checkInput({ input, cache }: LanguageModelInput): void {
  if (!('lengths' in input)) return;
  const tokens = input.lengths.reduce((sum, length) => sum + length, 0);
  if (tokens !== input.ids.length) {
    throw new OcelliError(
      'opt',
      `samples of ${tokens} tokens in all were packed into ${input.ids.length} ids`,
    );
  }
  if (cache) throw new OcelliError('opt', 'a key-value cache takes a padded batch, got a packed one; pad it');
}

/** Spliced and injected rows stand before the text, as many in each sample; the head reads the text only. */
function textRows(sequence: Sequence, { input }: LanguageModelInput): Tensor {
  const { hiddenStates, lengths } = sequence;
  const [batch, rows] = hiddenStates.shape as [number, number];
  const others = (batch * rows - input.ids.length) / (lengths?.length ?? batch);
  return dropRows(sequence, others).hiddenStates;
}

function runTaps(hooks: HookList, site: Site, layer: number, x: Tensor): void {
  for (const hook of hooks) hook.tap?.(site, layer, x);
}

function mapped(
  hooks: HookList,
  site: Site,
  layer: number,
  sequence: Sequence,
  context: HookContext,
): Sequence {
  let x = sequence.hiddenStates;
  for (const hook of hooks) x = hook.map?.(site, layer, x, context) ?? x;
  return x === sequence.hiddenStates ? sequence : { ...sequence, hiddenStates: x };
}

function initialOptTensor(name: string, shape: Shape, random: Random): Tensor {
  if (name.endsWith('.bias')) return zeros(shape);
  if (name.includes('layer_norm')) return full(shape, 1);
  return normal(random, shape, 0.02);
}
