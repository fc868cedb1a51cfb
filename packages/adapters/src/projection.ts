import { linear, type Random, type Tensor, uniform } from '@ocelli/ops';

/** A trainable `nn.Linear(inputs, outputs)` with PyTorch's initial values: U(±1/√inputs) for weight and bias. */
export class Projection {
  readonly weight: Tensor;
  readonly bias: Tensor;

  constructor(inputs: number, outputs: number, random: Random) {
    const bound = 1 / Math.sqrt(inputs);
    this.weight = uniform(random, [outputs, inputs], bound).asParameter();
    this.bias = uniform(random, [outputs], bound).asParameter();
  }

  /** `[..., inputs]` → `[..., outputs]`. */
  forward(x: Tensor): Tensor {
    return linear(x, this.weight, this.bias);
  }
}
