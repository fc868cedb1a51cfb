import { type Backward, record } from '../autograd/node.js';
import { checkRank, checkShapeIs, checkType } from '../core/checks.js';
import { OcelliError } from '../core/errors.js';
import { run } from '../core/run.js';
import { formatShape } from '../core/shape.js';
import { empty, type Tensor } from '../core/tensor.js';

export interface RotaryOptions {
  readonly heads: number;
  /** Pair i is `(2i, 2i + 1)` as in the paper and GPT-J; by default `(i, i + pairs)` as in LLaMA and GPT-NeoX. */
  readonly interleaved?: boolean;
}

/**
 * Rotary position embedding (Su et al. 2021, arXiv 2104.09864) of queries or keys: in each head, pair i turns by
 * `position * frequencies[i]`. What stands beyond the pairs in a head stays as it is.
 *
 * @param x `[..., heads * headSize]` float32.
 * @param positions int32, one for each row of `x`: `[...]`.
 * @param frequencies float32 `[pairs]`, radians per position, `pairs` at most `headSize / 2`; see `rotaryFrequencies`.
 * @returns the shape of `x`.
 */
export function rotary(
  x: Tensor,
  positions: Tensor,
  frequencies: Tensor,
  { heads, interleaved = false }: RotaryOptions,
): Tensor {
  checkType('rotary', 'x', x);
  checkType('rotary', 'positions', positions, 'int32');
  checkType('rotary', 'frequencies', frequencies);
  checkRank('rotary', 'x', x, 1);
  checkRank('rotary', 'frequencies', frequencies, 1, 1);
  checkShapeIs('rotary', 'positions', positions, x.shape.slice(0, -1));
  const width = x.shape.at(-1)!;
  const pairs = frequencies.size;
  const headSize = width / heads;
  if (!Number.isInteger(heads) || heads < 1 || !Number.isInteger(headSize) || 2 * pairs > headSize) {
    throw new OcelliError(
      'rotary',
      `x is ${formatShape(x.shape)}: ${heads} heads must divide its width and hold ${pairs} pairs each`,
    );
  }
  const turn = (from: Tensor, sign: 1 | -1): Tensor => {
    const to = empty(from.shape);
    const scalars = [positions.size, heads, headSize, pairs, Number(interleaved), sign];
    run('rotary', [from, positions, frequencies, to], scalars);
    return to;
  };
  const backward: Backward = (gradient) => [turn(gradient, -1)];
  return record('rotary', [x], turn(x, 1), backward, [], [positions, frequencies]);
}

/**
 * `base ^ (-i / pairs)` for each pair, as the paper has them.
 *
 * @param pairs half of the numbers of a head that turn.
 * @param base 10,000 by default.
 */
export function rotaryFrequencies(pairs: number, base = 10_000): Float32Array {
  return Float32Array.from({ length: pairs }, (_, i) => base ** (-i / pairs));
}
