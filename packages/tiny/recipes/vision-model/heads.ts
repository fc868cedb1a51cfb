import { add, crossEntropy, type Random, reshape, scale, slice, type Tensor, tensor } from '@ocelli/ops';
import { Head, normalised, parametersOf } from '../training/head.js';
import type { PictureBatch } from './pictures.js';

/** What pretraining reads off the encoder, thrown away afterwards: thing, count and background, and thing per patch. */
export class PretrainingHeads {
  readonly #concept: Head;
  readonly #count: Head;
  readonly #background: Head;
  readonly #patch: Head;

  constructor(width: number, concepts: number, backgrounds: number, random: Random) {
    const head = (classes: number): Head => new Head(width, classes, random);
    this.#concept = head(concepts);
    this.#count = head(4);
    this.#background = head(backgrounds);
    this.#patch = head(concepts + 1);
  }

  get parameters(): Tensor[] {
    return parametersOf([this.#concept, this.#count, this.#background, this.#patch]);
  }

  /** Logits of thing, count and background from class tokens `[batch, width]`. */
  read(classTokens: Tensor): { concept: Tensor; count: Tensor; background: Tensor } {
    const x = normalised(classTokens);
    return {
      concept: this.#concept.read(x),
      count: this.#count.read(x),
      background: this.#background.read(x),
    };
  }

  /**
   * The whole loss of a batch; how many copies there are is asked of whole scenes only.
   *
   * @param hidden `[batch, 1 + seen patches, width]` after the final norm
   * @param patches `[batch * seen patches]`: the thing under each
   */
  loss(
    hidden: Tensor,
    batch: PictureBatch,
    patches: Int32Array,
    patchLoss: number,
  ): { loss: Tensor; concept: Tensor } {
    const [size, tokens, width] = hidden.shape as [number, number, number];
    const logits = this.read(reshape(slice(hidden, 1, 0, 1), [size, width]));
    const seen = normalised(reshape(slice(hidden, 1, 1, tokens), [size * (tokens - 1), width]));
    const concept = crossEntropy(logits.concept, tensor(batch.concepts));
    const background = crossEntropy(logits.background, tensor(batch.backgrounds));
    const patch = crossEntropy(this.#patch.read(seen), tensor(patches));
    let loss = add(add(concept, scale(background, 0.3)), scale(patch, patchLoss));
    if (!batch.quarters) loss = add(loss, scale(crossEntropy(logits.count, tensor(batch.counts)), 0.5));
    return { loss, concept };
  }
}
