import { noGrad, scope, type Tensor, topK } from '@ocelli/ops';
import { allScores, type NextScores } from './next-scores.js';

/**
 * Runs one step of a session and waits for it; frees everything that it makes.
 *
 * @param compute gives the scores.
 * @param signal is looked at before the step and after it.
 */
export async function readScores(
  compute: () => Tensor,
  signal: AbortSignal | undefined,
): Promise<Float32Array> {
  const [scores] = await read(() => [compute()], signal);
  return scores as Float32Array;
}

/**
 * As `readScores`, for the scores of next tokens.
 *
 * @param compute gives them, `[rows, vocabulary]`.
 * @param best so many of each row are brought from the device, the greatest; all if undefined.
 */
export async function readNextScores(
  compute: () => Tensor,
  signal: AbortSignal | undefined,
  best: number | undefined,
): Promise<NextScores> {
  let width = 0;
  const [values, ids] = await read(() => {
    const scores = compute();
    const vocabulary = scores.shape.at(-1)!;
    width = Math.min(best ?? vocabulary, vocabulary);
    if (best === undefined) return [scores];
    const top = topK(scores, width);
    return [top.values, top.ids];
  }, signal);
  const known = allScores(values as Float32Array, width);
  return ids ? { ...known, ids: ids as Int32Array } : known;
}

async function read(compute: () => Tensor[], signal: AbortSignal | undefined): Promise<ArrayLike<number>[]> {
  signal?.throwIfAborted();
  const tensors = scope(() => noGrad(compute));
  try {
    const arrays = await Promise.all(tensors.map((tensor) => tensor.data()));
    signal?.throwIfAborted();
    return arrays;
  } finally {
    for (const tensor of tensors) tensor.dispose();
  }
}
