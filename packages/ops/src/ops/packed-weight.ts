import { checkRank, checkType } from '../core/checks.js';
import { native } from '../core/native.js';
import { run } from '../core/run.js';
import { keep } from '../core/scope.js';
import type { Shape } from '../core/shape.js';
import { empty, type Tensor } from '../core/tensor.js';

/** Columns of a packed panel: four registers, as the micro-kernel uses them. */
export const panelWidth = 4 * native.vectorWidth;

/**
 * A frozen weight `[outputs, inputs]`, laid out once in the panels that the GEMM reads; the same copy serves forward
 * and the gradient of the input. Lives until `dispose()`.
 */
export class PackedWeight {
  readonly shape: Shape;
  readonly packed: Tensor;

  /** Packs a copy of `weight`; dispose the original if nothing else needs it. */
  constructor(weight: Tensor) {
    checkRank('packWeight', 'weight', weight, 2, 2);
    checkType('packWeight', 'weight', weight);
    const [outputs, inputs] = weight.shape as [number, number];
    this.shape = weight.shape;
    this.packed = keep(empty([Math.ceil(outputs / panelWidth) * panelWidth * inputs]));
    run('linear_pack', [weight, this.packed], [outputs, inputs]);
  }

  dispose(): void {
    this.packed.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
