import type { Tensor } from '@ocelli/ops';
import type { Sequence } from './sequence.js';

/**
 * Where an activation of a block can be read or changed: `[batch, rows, width]`, of a packed batch `[1, rows, width]`.
 * What is done there to one row must not ask which sample it is of; `override` gets the `Sequence`, which knows.
 */
export type Site =
  | 'attention.in' // after the norm before attention (pre-LN), or the block's input (post-LN)
  | 'attention.out' // attention's output projection, before the residual is added
  | 'crossAttention.in' // as attention.in, before a decoder's attention to the encoder's memory
  | 'crossAttention.out'
  | 'feedForward.in'
  | 'feedForward.out' // the second linear's output, before the residual is added
  | 'block.out'
  | 'embeddings' // the first block's input; layer is 0
  | 'final'; // after the final norm; layer is the number of layers

/**
 * A block's linears by name: weights `[outputs, inputs]`. `gate` is the one with the activation in a gated feed-forward;
 * `crossKey` and `crossValue` read the encoder's memory.
 */
export type LinearName =
  | 'query'
  | 'key'
  | 'value'
  | 'output'
  | 'crossQuery'
  | 'crossKey'
  | 'crossValue'
  | 'crossOutput'
  | 'gate'
  | 'up'
  | 'down';

/** What a hook is told about the call that it takes part in. */
export interface HookContext {
  /** Samples, in a packed batch too. */
  readonly batch: number;
  /** Tokens of this sequence already in the layer's key-value cache; 0 in training and at the first decoding step. */
  readonly pastTokens: number;
}

/**
 * Everything an adapter can do to a backbone, in seven kinds. A backbone calls these at its named sites and knows of no
 * adapter. (The seventh kind, unfreezing named tensors, happens once: `backbone.unfreeze(names)`.)
 *
 * What a hook is given or makes inside of a block is freed when the block has run, and a block's output when the next one
 * has; a hook that needs a value for longer keeps a view of it (`keep(x.detach())`) and frees that. Hooks inside of a
 * recomputed block are called again in the backward pass and must do the same again. A `tap` turns both off.
 *
 * An encoder-decoder model takes a list of hooks for each of its stacks: layers and sites are those of the stack that a
 * hook was given to.
 */
export interface Hooks {
  /**
   * Rows `[batch, rows, embeddingWidth]` to put before the token embeddings. They get no learned position; a rotary model
   * numbers them with the text, which then follows them (`rowPositions`).
   */
  splice?(context: HookContext): Tensor | null;
  /** Maps an activation at a named site. */
  map?(site: Site, layer: number, x: Tensor, context: HookContext): Tensor;
  /** Edits a linear's effective weight: gets its input and its frozen output, returns the output to use. */
  linear?(name: LinearName, layer: number, x: Tensor, y: Tensor): Tensor;
  /**
   * Adds what gated extra keys and values give: gets the queries as attention reads them (a rotary model has turned them),
   * returns a term for attention's output or null.
   */
  keyValues?(layer: number, query: Tensor, context: HookContext): Tensor | null;
  /** Reads a hidden state; detach it unless its gradient is wanted. */
  tap?(site: Site, layer: number, x: Tensor): void;
  /** Replaces a block's input (it may add, replace or drop rows) or, with `layer` = number of layers, the head's. */
  override?(layer: number, sequence: Sequence, context: HookContext): Sequence;
  /** Replaces what a decoder block's cross-attention reads. With a cache it is asked once, as that keeps what was read. */
  overrideMemory?(layer: number, memory: Sequence, context: HookContext): Sequence;
}

/** Several hooks as one, applied in order. Splices are concatenated by the caller in this order too. */
export type HookList = readonly Hooks[];
