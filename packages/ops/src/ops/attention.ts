import { record, willRecord } from '../autograd/node.js';
import { checkRank, checkShapeIs, checkType } from '../core/checks.js';
import { OcelliError } from '../core/errors.js';
import { run } from '../core/run.js';
import { formatShape } from '../core/shape.js';
import { empty, type Tensor } from '../core/tensor.js';

export interface AttentionOptions {
  /** Heads of the queries; the last axis is cut into as many pieces. */
  readonly heads: number;
  /** Heads of keys and values, a divisor of `heads` (grouped queries). Default: `heads`. */
  readonly keyValueHeads?: number;
  /** Query i sees keys up to i + keyTokens - queryTokens. Default false. */
  readonly causal?: boolean;
  /** uint8 `[batch, keyTokens]`: 0 = never attended to. A query that sees nothing gives zeros. */
  readonly keyMask?: Tensor | null;
  /** The first queries that see every key in spite of `causal` and `keyMask`. Default 0. */
  readonly fullRows?: number;
  /** Multiplies the scores. Default 1/√headSize. */
  readonly scale?: number;
}

/**
 * softmax(q kᵀ · scale) v per head, in blocks: scores are never stored.
 *
 * @param q `[batch, queryTokens, heads * headSize]`.
 * @param k `[batch, keyTokens, keyValueHeads * headSize]`; v likewise.
 * @returns `[batch, queryTokens, heads * headSize]`.
 */
export function attention(q: Tensor, k: Tensor, v: Tensor, options: AttentionOptions): Tensor {
  const { heads, keyValueHeads = heads, causal = false, keyMask = null, fullRows = 0 } = options;
  for (const [name, tensor] of [['q', q], ['k', k], ['v', v]] as const) {
    checkType('attention', name, tensor);
    checkRank('attention', name, tensor, 3, 3);
  }
  const [batch, queryTokens, width] = q.shape as [number, number, number];
  const keyTokens = k.shape[1]!;
  const headSize = width / heads;
  if (!Number.isInteger(headSize) || heads % keyValueHeads !== 0) {
    throw new OcelliError('attention', `q ${formatShape(q.shape)} cannot be cut into ${heads} heads over ${keyValueHeads} key heads`);
  }
  checkShapeIs('attention', 'k', k, [batch, keyTokens, keyValueHeads * headSize]);
  checkShapeIs('attention', 'v', v, [batch, keyTokens, keyValueHeads * headSize]);
  if (keyMask) {
    checkType('attention', 'keyMask', keyMask, 'uint8');
    checkShapeIs('attention', 'keyMask', keyMask, [batch, keyTokens]);
  }
  const keyWidth = keyValueHeads * headSize;
  const scale = options.scale ?? 1 / Math.sqrt(headSize);
  const scalars = [batch, queryTokens, keyTokens, heads, keyValueHeads, headSize, width, keyWidth, keyWidth, scale, Number(causal), fullRows];
  const y = empty(q.shape);
  const logSumExp = empty([batch, heads, queryTokens]);
  run('attention', [q, k, v, keyMask, y, logSumExp], scalars);
  if (!willRecord([q, k, v])) {
    logSumExp.dispose();
    return y;
  }
  return record(
    'attention',
    [q, k, v],
    y,
    (gradient, needs) => {
      const [dq, dk, dv] = [q, k, v].map((tensor, i) => (needs[i] ? empty(tensor.shape) : null)) as (Tensor | null)[];
      run('attention_backward', [q, k, v, keyMask, y, logSumExp, gradient, dq ?? null, dk ?? null, dv ?? null], scalars);
      return [dq ?? null, dk ?? null, dv ?? null];
    },
    [logSumExp],
  );
}
