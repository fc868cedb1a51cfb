/**
 * Linear warm-up, then half a cosine down to a twentieth (Loshchilov and Hutter 2017, arXiv 1608.03983).
 *
 * @param step from 0 to `steps - 1`
 */
export function learningRateAt(
  step: number,
  { learningRate, warmUpSteps, steps }: { learningRate: number; warmUpSteps: number; steps: number },
): number {
  if (step < warmUpSteps) return (learningRate * (step + 1)) / warmUpSteps;
  const progress = (step - warmUpSteps) / Math.max(1, steps - warmUpSteps);
  return learningRate * (0.05 + 0.95 * 0.5 * (1 + Math.cos(Math.PI * progress)));
}
