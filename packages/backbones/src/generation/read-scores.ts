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
  let next: NextTensors | undefined;
  const [values, ids] = await read(() => {
    next = nextTensors(compute(), best);
    return next.tensors;
  }, signal);
  return nextScores(next!, values!, ids);
}

/** Scores of next tokens on the device: `[rows, width]`, and their ids where they are not the whole vocabulary. */
export interface NextTensors {
  readonly tensors: readonly Tensor[];
  readonly width: number;
}

/** @param scores `[rows, vocabulary]`. */
export function nextTensors(scores: Tensor, best: number | undefined): NextTensors {
  const vocabulary = scores.shape.at(-1)!;
  if (best === undefined) return { tensors: [scores], width: vocabulary };
  const width = Math.min(best, vocabulary);
  const top = topK(scores, width);
  return { tensors: [top.values, top.ids], width };
}

/** Brings them from the device; they stay there. */
export async function readNextTensors(
  next: NextTensors,
  signal: AbortSignal | undefined,
): Promise<NextScores> {
  const [values, ids] = await Promise.all(next.tensors.map((tensor) => tensor.data()));
  signal?.throwIfAborted();
  return nextScores(next, values!, ids);
}

function nextScores(
  { width }: NextTensors,
  values: ArrayLike<number>,
  ids: ArrayLike<number> | undefined,
): NextScores {
  const known = allScores(values as Float32Array, width);
  return ids ? { ...known, ids: ids as Int32Array } : known;
}

async function read(
  compute: () => readonly Tensor[],
  signal: AbortSignal | undefined,
): Promise<ArrayLike<number>[]> {
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
