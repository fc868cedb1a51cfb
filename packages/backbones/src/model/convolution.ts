import { type Extent, type LinearActivation, linear, patchify, reshape, type Tensor } from '@ocelli/ops';
import type { Weights } from './weights.js';

/** A convolution as patchify and a linear: over pictures, or with three axes of weights over time. */
export class Convolution {
  readonly #weight: Tensor;
  readonly #bias: Tensor | null;
  readonly #size: readonly [number, number];
  readonly #stride: Extent;
  readonly #padding: Extent;

  /**
   * @param shape of the weight: `[outputs, channels, height, width]` or `[outputs, channels, width]`.
   * @param options.stride default: the kernel's size, as a ViT cuts pictures into patches.
   */
  constructor(
    weights: Weights,
    name: string,
    shape: readonly number[],
    options: { readonly stride?: Extent; readonly padding?: Extent; readonly hasBias?: boolean } = {},
  ) {
    const [height, width] = shape.length === 3 ? [1, shape[2]!] : [shape[2]!, shape[3]!];
    this.#weight = weights.tensor(`${name}.weight`, shape);
    this.#bias = (options.hasBias ?? true) ? weights.tensor(`${name}.bias`, [shape[0]!]) : null;
    this.#size = [height, width];
    this.#stride = options.stride ?? this.#size;
    this.#padding = options.padding ?? 0;
  }

  /** `[batch, channels, height, width]` → `[batch, places, outputs]`, places row by row. */
  forward(x: Tensor, activation: LinearActivation | null = null): Tensor {
    const patches = patchify(x, this.#size, { stride: this.#stride, padding: this.#padding });
    const [outputs] = this.#weight.shape as [number];
    return linear(patches, reshape(this.#weight, [outputs, this.#weight.size / outputs]), this.#bias, {
      activation,
    });
  }
}
