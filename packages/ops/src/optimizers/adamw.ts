import { OcelliError } from '../core/errors.js';
import { hostTensor } from '../core/host-value.js';
import { run } from '../core/run.js';
import { keep } from '../core/scope.js';
import { sameShape } from '../core/shape.js';
import { type Tensor, zeros } from '../core/tensor.js';
import { callsOf } from './calls.js';

/** Parameters that share settings; `learningRate` may be changed between steps. */
export interface ParameterGroup {
  readonly parameters: readonly Tensor[];
  learningRate: number;
  /** Decoupled decay; default 0.01, as PyTorch. */
  weightDecay?: number;
}

export interface AdamWOptions {
  /** Decay rates of the two moments. Default 0.9, 0.999. */
  readonly betas?: readonly [number, number];
  /** Default 1e-8. */
  readonly epsilon?: number;
}

interface Moments {
  first: Tensor;
  second: Tensor;
  /** Steps that this parameter has taken: one without a gradient takes none. */
  steps: number;
}

/** AdamW (Loshchilov and Hutter 2019, arXiv 1711.05101) with the arithmetic of torch.optim.AdamW. */
export class AdamW {
  readonly groups: readonly ParameterGroup[];
  readonly #betas: readonly [number, number];
  readonly #epsilon: number;
  readonly #moments: Moments[];

  constructor(groups: readonly ParameterGroup[], options: AdamWOptions = {}) {
    this.groups = groups;
    this.#betas = options.betas ?? [0.9, 0.999];
    this.#epsilon = options.epsilon ?? 1e-8;
    const parameters = this.#parameters();
    for (const [index, parameter] of parameters.entries()) {
      const before = parameters.indexOf(parameter);
      if (before < index) {
        throw new OcelliError(
          'adamw',
          `${parameter} is parameter ${before} and parameter ${index}; give each parameter once`,
        );
      }
    }
    this.#moments = parameters.map((parameter) => ({
      first: keep(zeros(parameter.shape)),
      second: keep(zeros(parameter.shape)),
      steps: 0,
    }));
  }

  #parameters(): Tensor[] {
    return this.groups.flatMap((group) => group.parameters);
  }

  /** @param options.gradientScale a tensor with one element that multiplies every gradient, as `clipGradientNorm` gives. */
  step(options: { gradientScale?: Tensor } = {}): void {
    const taking = this.#parameters().map(({ grad }) => grad !== null);
    using numbers = hostTensor(() => this.#advance(taking), [taking.length, 3]);
    this.#apply(numbers, options.gradientScale ?? null);
  }

  /**
   * Counts a step of the parameters that take it.
   *
   * @returns `[parameters, 3]`: what changes of each from step to step; that of the others is not read.
   */
  #advance(taking: readonly boolean[]): Float32Array {
    const [beta1, beta2] = this.#betas;
    const numbers: number[] = [];
    for (const { parameters, learningRate, weightDecay = 0.01 } of this.groups) {
      for (const _ of parameters) {
        const index = numbers.length / 3;
        const moments = this.#moments[index]!;
        if (taking[index]) moments.steps++;
        const [correction1, correction2] = [1 - beta1 ** moments.steps, 1 - beta2 ** moments.steps];
        numbers.push(1 - learningRate * weightDecay, learningRate / correction1, Math.sqrt(correction2));
      }
    }
    return Float32Array.from(numbers);
  }

  /** The kernel calls, which are the same for every step in which the same parameters have gradients. */
  #apply(numbers: Tensor, gradientScale: Tensor | null): void {
    const parameters = this.#parameters().map((parameter, index) => {
      const { first, second } = this.#moments[index]!;
      return parameter.grad && { of: [parameter, parameter.grad, first, second], size: parameter.size };
    });
    for (const [call, some] of callsOf(parameters).entries()) {
      if (some.every((parameter) => !parameter)) continue;
      const tensors = some.flatMap((parameter) => parameter?.of ?? [null, null, null, null]);
      const sizes = some.map((parameter) => parameter?.size ?? 0);
      run(
        'adamw',
        [numbers, gradientScale, ...tensors],
        [call * some.length, ...this.#betas, this.#epsilon, ...sizes],
      );
    }
  }

  /** Frees the gradients of all parameters. */
  zeroGradients(): void {
    for (const parameter of this.#parameters()) {
      parameter.grad?.dispose();
      parameter.grad = null;
    }
  }

  /** The moments by position (`0.first`, `0.second`, ...) and the steps taken, to continue exactly here later. */
  state(): { tensors: Map<string, Tensor>; steps: number[] } {
    const tensors = new Map<string, Tensor>();
    for (const [index, { first, second }] of this.#moments.entries()) {
      tensors.set(`${index}.first`, first).set(`${index}.second`, second);
    }
    return { tensors, steps: this.#moments.map(({ steps }) => steps) };
  }

  /** Takes over a saved state; the tensors are copied. */
  restore(state: { tensors: ReadonlyMap<string, Tensor>; steps: readonly number[] }): void {
    for (const [index, moments] of this.#moments.entries()) {
      for (const which of ['first', 'second'] as const) {
        const saved = state.tensors.get(`${index}.${which}`);
        if (!saved || !sameShape(saved.shape, moments[which].shape)) {
          throw new OcelliError(
            'adamw',
            `the saved state has no fitting "${index}.${which}"; it belongs to other parameters`,
          );
        }
        run('scale_add', [saved, null, moments[which]], [saved.size, 1, 0, 0]);
      }
      moments.steps = state.steps[index] ?? 0;
    }
  }

  dispose(): void {
    for (const { first, second } of this.#moments) {
      first.dispose();
      second.dispose();
    }
  }
}
