import { record, willRecord } from '../autograd/node.js';
import { checkRank, checkShapeIs, checkType } from '../core/checks.js';
import { OcelliError } from '../core/errors.js';
import { run } from '../core/run.js';
import { formatShape } from '../core/shape.js';
import { empty, type Tensor, tensor } from '../core/tensor.js';

export interface AttentionOptions {
  /** Heads of the queries: the last axis of `q` is cut into as many pieces. */
  readonly heads: number;
  /** Heads of the keys and values, a divisor of `heads`: grouped-query attention. Default `heads`. */
  readonly keyValueHeads?: number;
  /** Query i sees the keys up to i + keyTokens - queryTokens. Default false. */
  readonly causal?: boolean;
  /** uint8 `[batch, keyTokens]`; 0 hides a key, such as padding, left or right. */
  readonly keyMask?: Tensor | null;
  /** So many first queries of a sequence see every key of it, whatever `causal` and `keyMask` say. Default 0. */
  readonly fullRows?: number;
  /**
   * Tokens of each sequence of a packed batch: `q`, `k` and `v` are then `[1, tokens, ...]`, one sequence after another
   * without padding, and each attends to itself alone, to the same bits as without the others. Default: not packed.
   */
  readonly sequences?: readonly number[] | null;
  /**
   * Added to the scaled scores, float32 `[heads, queryTokens, keyTokens]`, alike for the whole batch: relative positions,
   * say. Packed, at least `[heads, longest, longest]`, for queries and keys counted from the sequence's begin. It gets no
   * gradient and must live until backward.
   */
  readonly bias?: Tensor | null;
  /** Multiplies the scores. Default 1/√headSize. */
  readonly scale?: number;
}

/**
 * softmax(scale · q kᵀ) v for each head, in tiles: the `queryTokens x keyTokens` scores are never stored, backward
 * recomputes them. A query that sees no key gives zeros and passes no gradient.
 *
 * @param q `[batch, queryTokens, heads * headSize]` float32.
 * @param k `[batch, keyTokens, keyValueHeads * headSize]`; `v` likewise.
 * @returns `[batch, queryTokens, heads * headSize]`.
 */
export function attention(q: Tensor, k: Tensor, v: Tensor, options: AttentionOptions): Tensor {
  const { heads, keyValueHeads = heads, causal = false, keyMask = null, fullRows = 0 } = options;
  const { sequences = null, bias = null } = options;
  for (const [name, tensor] of Object.entries({ q, k, v })) {
    checkType('attention', name, tensor);
    checkRank('attention', name, tensor, 3, 3);
  }
  const [batch, queryTokens, width] = q.shape as [number, number, number];
  checkHeads(width, heads, keyValueHeads);
  const headSize = width / heads;
  const keyTokens = k.shape[1] as number;
  const keyWidth = keyValueHeads * headSize;
  checkShapeIs('attention', 'k', k, [batch, keyTokens, keyWidth]);
  checkShapeIs('attention', 'v', v, [batch, keyTokens, keyWidth]);
  if (keyMask) {
    checkType('attention', 'keyMask', keyMask, 'uint8');
    checkShapeIs('attention', 'keyMask', keyMask, [batch, keyTokens]);
  }
  if (!Number.isInteger(fullRows) || fullRows < 0) {
    throw new OcelliError('attention', `fullRows must be a whole number of queries, got ${fullRows}`);
  }
  if (sequences) checkSequences(sequences, q, k);
  const longest = sequences ? Math.max(0, ...sequences) : 0;
  if (bias)
    checkBias(bias, heads, sequences ? [longest, longest] : [queryTokens, keyTokens], sequences !== null);
  const scale = options.scale ?? 1 / Math.sqrt(headSize);
  const counts = sequences ? [sequences.length, longest, longest] : [batch, queryTokens, keyTokens];
  const strides = [width, keyWidth, keyWidth];
  const scalars = [...counts, heads, keyValueHeads, headSize, ...strides, scale, Number(causal), fullRows];
  scalars.push(bias?.shape[1] ?? 0, bias?.shape[2] ?? 0);

  const y = empty(q.shape);
  const logSumExp = empty([batch, heads, queryTokens]);
  const offsets = sequences ? tensor(offsetsOf(sequences)) : null;
  const fixed = [q, k, v, keyMask, bias, offsets];
  run('attention', [...fixed, y, logSumExp], scalars);
  const saved = offsets ? [logSumExp, offsets] : [logSumExp];
  const backward = (dy: Tensor, [needsQ, needsK, needsV]: readonly boolean[]): (Tensor | null)[] => {
    const dq = needsQ ? empty(q.shape) : null;
    const dk = needsK ? empty(k.shape) : null;
    const dv = needsV ? empty(v.shape) : null;
    run('attention_backward', [...fixed, y, logSumExp, dy, dq, dk, dv], scalars);
    return [dq, dk, dv];
  };
  return record('attention', [q, k, v], y, backward, saved, [q, k, v, keyMask, bias, y]);
}

/** Where each sequence begins, and where the last one ends. */
function offsetsOf(sequences: readonly number[]): Int32Array {
  const offsets = new Int32Array(sequences.length + 1);
  for (const [i, tokens] of sequences.entries()) offsets[i + 1] = offsets[i]! + tokens;
  return offsets;
}

function checkSequences(sequences: readonly number[], q: Tensor, k: Tensor): void {
  const total = sequences.reduce((sum, tokens) => sum + tokens, 0);
  const whole = sequences.every((tokens) => Number.isInteger(tokens) && tokens >= 0);
  const [batch, queryTokens] = q.shape;
  if (whole && batch === 1 && total === queryTokens && total === k.shape[1]) return;
  throw new OcelliError(
    'attention',
    `sequences of ${sequences.join(', ')} tokens need q and k of [1, ${total}, width], got ` +
      `${formatShape(q.shape)} and ${formatShape(k.shape)}; lay the sequences end to end`,
  );
}

function checkBias(
  bias: Tensor,
  heads: number,
  [queries, keys]: readonly [number, number],
  packed: boolean,
): void {
  checkType('attention', 'bias', bias);
  if (willRecord([bias])) {
    throw new OcelliError(
      'attention',
      'bias gets no gradient here; detach it, or write attention with matmul and softmax',
    );
  }
  const [biasHeads, biasQueries, biasKeys] = bias.shape as [number, number, number];
  const fits = packed
    ? biasQueries >= queries && biasKeys >= keys
    : biasQueries === queries && biasKeys === keys;
  if (bias.rank === 3 && biasHeads === heads && fits) return;
  throw new OcelliError(
    'attention',
    `bias must be [${heads}, ${queries}, ${keys}]${packed ? ' or larger' : ''}, got ${formatShape(bias.shape)}`,
  );
}

function checkHeads(width: number, heads: number, keyValueHeads: number): void {
  if (!Number.isInteger(width / heads) || !(heads > 0)) {
    throw new OcelliError('attention', `${heads} heads do not divide the width ${width} of q`);
  }
  if (!Number.isInteger(heads / keyValueHeads) || !(keyValueHeads > 0)) {
    throw new OcelliError('attention', `keyValueHeads must divide the ${heads} heads, got ${keyValueHeads}`);
  }
}
