import { layerNorm, linear, normal, type Random, type Tensor, zeros } from '@ocelli/ops';

/** A linear classifier on an encoder's features, for pretraining only. */
export class Head {
  readonly weight: Tensor;
  readonly bias: Tensor;

  constructor(width: number, classes: number, random: Random) {
    this.weight = normal(random, [classes, width], 0.05).asParameter();
    this.bias = zeros([classes]).asParameter();
  }

  /** `[rows, classes]` of normalised features `[rows, width]`, see {@link normalised}. */
  read(features: Tensor): Tensor {
    return linear(features, this.weight, this.bias);
  }
}

/** Features `[rows, width]` at mean 0 and variance 1, row by row, as heads read them. */
export function normalised(features: Tensor): Tensor {
  return layerNorm(features, { epsilon: 1e-5 });
}

/** The parameters of all heads, in order. */
export function parametersOf(heads: readonly Head[]): Tensor[] {
  return heads.flatMap(({ weight, bias }) => [weight, bias]);
}
