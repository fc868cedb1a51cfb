import { noGrad, scope, type Tensor } from '@ocelli/ops';

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
  signal?.throwIfAborted();
  const scores = scope(() => noGrad(compute));
  try {
    const data = (await scores.data()) as Float32Array;
    signal?.throwIfAborted();
    return data;
  } finally {
    scores.dispose();
  }
}
