import { add, exp, log, mean, multiply, reshape, scale, type Tensor } from '@ocelli/ops';

/**
 * x / √(mean(x²) + epsilon) · weight over the last axis (Zhang & Sennrich 2019, arXiv 1910.07467).
 *
 * @param x `[..., width]`.
 */
export function rmsNorm(
  x: Tensor,
  { weight, epsilon }: { readonly weight: Tensor; readonly epsilon: number },
): Tensor {
  const meanSquare = mean(multiply(x, x), { axis: x.rank - 1 }); // [...]
  const factor = exp(scale(log(add(meanSquare, epsilon)), -0.5));
  return multiply(multiply(x, reshape(factor, [...x.shape.slice(0, -1), 1])), weight);
}
