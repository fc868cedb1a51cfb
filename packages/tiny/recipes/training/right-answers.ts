/**
 * How many rows of logits are highest where they should be.
 *
 * @param logits `[rows, classes]`
 * @param targets `[rows]`
 */
export function rightAnswers(logits: Float32Array, targets: Int32Array): number {
  const classes = logits.length / targets.length;
  let right = 0;
  for (const [row, target] of targets.entries()) {
    const scores = logits.subarray(row * classes, (row + 1) * classes);
    right += Number(scores.indexOf(Math.max(...scores)) === target);
  }
  return right;
}
