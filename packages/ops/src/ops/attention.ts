import { record, willRecord } from '../autograd/node.js';
import { checkRank, checkShapeIs, checkType } from '../core/checks.js';
import { OcelliError } from '../core/errors.js';
import { run } from '../core/run.js';
import { empty, type Tensor } from '../core/tensor.js';

export interface AttentionOptions {
  /** Heads of the queries: the last axis of `q` is cut into as many pieces. */
  readonly heads: number;
  /** Heads of the keys and values, a divisor of `heads`: grouped-query attention. Default `heads`. */
  readonly keyValueHeads?: number;
  /** Query i sees the keys up to i + keyTokens - queryTokens. Default false. */
  readonly causal?: boolean;
  /** uint8 `[batch, keyTokens]`; 0 hides a key, such as padding, left or right. Must live until backward. */
  readonly keyMask?: Tensor | null;
  /** So many first queries see every key, whatever `causal` and `keyMask` say. Default 0. */
  readonly fullRows?: number;
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
  const scale = options.scale ?? 1 / Math.sqrt(headSize);
  const sizes = [batch, queryTokens, keyTokens, heads, keyValueHeads, headSize];
  const scalars = [...sizes, width, keyWidth, keyWidth, scale, Number(causal), fullRows];

  const y = empty(q.shape);
  const logSumExp = empty([batch, heads, queryTokens]);
  run('attention', [q, k, v, keyMask, y, logSumExp], scalars);
  if (!willRecord([q, k, v])) {
    logSumExp.dispose();
    return y;
  }
  const backward = (dy: Tensor, [needsQ, needsK, needsV]: readonly boolean[]): (Tensor | null)[] => {
    const dq = needsQ ? empty(q.shape) : null;
    const dk = needsK ? empty(k.shape) : null;
    const dv = needsV ? empty(v.shape) : null;
    run('attention_backward', [q, k, v, keyMask, y, logSumExp, dy, dq, dk, dv], scalars);
    return [dq, dk, dv];
  };
  return record('attention', [q, k, v], y, backward, [logSumExp]);
}

function checkHeads(width: number, heads: number, keyValueHeads: number): void {
  if (!Number.isInteger(width / heads) || !(heads > 0)) {
    throw new OcelliError('attention', `${heads} heads do not divide the width ${width} of q`);
  }
  if (!Number.isInteger(heads / keyValueHeads) || !(keyValueHeads > 0)) {
    throw new OcelliError('attention', `keyValueHeads must divide the ${heads} heads, got ${keyValueHeads}`);
  }
}
