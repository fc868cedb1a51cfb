import { add, crossEntropy, type Random, reshape, scale, slice, type Tensor, tensor } from '@ocelli/ops';
import { Head, normalised, parametersOf } from '../training/head.js';
import { specialTokens } from './grid.js';
import type { SoundBatch } from './mix.js';

/** What pretraining reads off the encoder, thrown away afterwards: thing, speaker and repetition, and thing per patch. */
export class PretrainingHeads {
  readonly #concept: Head;
  readonly #speaker: Head;
  readonly #repetition: Head;
  readonly #patch: Head;

  constructor(width: number, concepts: number, random: Random) {
    const head = (classes: number): Head => new Head(width, classes, random);
    this.#concept = head(concepts);
    this.#speaker = head(2);
    this.#repetition = head(3);
    this.#patch = head(concepts + 1);
  }

  get parameters(): Tensor[] {
    return parametersOf([this.#concept, this.#speaker, this.#repetition, this.#patch]);
  }

  /** Logits of thing, speaker and repetition from class tokens `[batch, width]`. */
  read(classTokens: Tensor): { concept: Tensor; speaker: Tensor; repetition: Tensor } {
    const x = normalised(classTokens);
    return {
      concept: this.#concept.read(x),
      speaker: this.#speaker.read(x),
      repetition: this.#repetition.read(x),
    };
  }

  /**
   * The whole loss of a batch; how often something is said is asked of whole recordings only.
   *
   * @param hidden `[batch, special tokens + heard patches, width]` after the final norm
   * @param patches `[batch * heard patches]`: the thing said under each
   */
  loss(
    hidden: Tensor,
    batch: SoundBatch,
    patches: Int32Array,
    patchLoss: number,
  ): { loss: Tensor; concept: Tensor } {
    const [size, tokens, width] = hidden.shape as [number, number, number];
    const logits = this.read(reshape(slice(hidden, 1, 0, 1), [size, width]));
    const heard = normalised(
      reshape(slice(hidden, 1, specialTokens, tokens), [size * (tokens - specialTokens), width]),
    );
    const concept = crossEntropy(logits.concept, tensor(batch.concepts));
    const speaker = crossEntropy(logits.speaker, tensor(batch.speakers));
    const patch = crossEntropy(this.#patch.read(heard), tensor(patches));
    let loss = add(add(concept, scale(speaker, 0.3)), scale(patch, patchLoss));
    if (!batch.columns)
      loss = add(loss, scale(crossEntropy(logits.repetition, tensor(batch.repetitions)), 0.5));
    return { loss, concept };
  }
}
