import {
  add,
  crossEntropy,
  layerNorm,
  linear,
  normal,
  type Random,
  reshape,
  scale,
  slice,
  type Tensor,
  tensor,
  zeros,
} from '@ocelli/ops';
import type { PictureBatch } from './pictures.js';

interface Head {
  weight: Tensor;
  bias: Tensor;
}

/** What pretraining reads off the encoder, thrown away afterwards: thing, count and background, and thing per patch. */
export class PretrainingHeads {
  readonly #concept: Head;
  readonly #count: Head;
  readonly #background: Head;
  readonly #patch: Head;

  constructor(
    width: number,
    readonly concepts: number,
    readonly backgrounds: number,
    random: Random,
  ) {
    const head = (outputs: number): Head => ({
      weight: normal(random, [outputs, width], 0.05).asParameter(),
      bias: zeros([outputs]).asParameter(),
    });
    this.#concept = head(concepts);
    this.#count = head(4);
    this.#background = head(backgrounds);
    this.#patch = head(concepts + 1);
  }

  get parameters(): Tensor[] {
    return [this.#concept, this.#count, this.#background, this.#patch].flatMap(({ weight, bias }) => [
      weight,
      bias,
    ]);
  }

  /** Logits of thing, count and background from class tokens `[batch, width]`. */
  read(classTokens: Tensor): { concept: Tensor; count: Tensor; background: Tensor } {
    const x = layerNorm(classTokens, { epsilon: 1e-5 });
    const apply = ({ weight, bias }: Head): Tensor => linear(x, weight, bias);
    return { concept: apply(this.#concept), count: apply(this.#count), background: apply(this.#background) };
  }

  /** The whole loss of a batch. @param hidden `[batch, 1 + patches, width]` after the final norm. */
  loss(hidden: Tensor, batch: PictureBatch, patchLoss: number): { loss: Tensor; concept: Tensor } {
    const [size, tokens, width] = hidden.shape as [number, number, number];
    const logits = this.read(reshape(slice(hidden, 1, 0, 1), [size, width]));
    const patches = layerNorm(reshape(slice(hidden, 1, 1, tokens), [size * (tokens - 1), width]), {
      epsilon: 1e-5,
    });
    const concept = crossEntropy(logits.concept, tensor(batch.concepts));
    const count = crossEntropy(logits.count, tensor(batch.counts));
    const background = crossEntropy(logits.background, tensor(batch.backgrounds));
    const patch = crossEntropy(linear(patches, this.#patch.weight, this.#patch.bias), tensor(batch.patches));
    const scene = add(scale(count, 0.5), scale(background, 0.3));
    return { loss: add(add(concept, scene), scale(patch, patchLoss)), concept };
  }
}
