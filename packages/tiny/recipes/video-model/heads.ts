import {
  add,
  crossEntropy,
  layerNorm,
  linear,
  mean,
  multiply,
  normal,
  type Random,
  reshape,
  scale,
  slice,
  subtract,
  type Tensor,
  tensor,
  zeros,
} from '@ocelli/ops';
import type { VideoModelOptions } from './options.js';
import type { VideoBatch } from './videos.js';

interface Head {
  readonly weight: Tensor;
  readonly bias: Tensor;
}

/** What a clip's class tokens are asked. */
export const questions = ['concept', 'motion', 'background'] as const;

/** Answers to `questions` as logits, `[batch, classes]` each. */
export type Logits = Readonly<Record<(typeof questions)[number], Tensor>>;

/**
 * What training reads off the encoder, thrown away afterwards: thing, motion and background from the class tokens of several
 * blocks, since adapters read several; and the thing per patch.
 */
export class VideoHeads {
  readonly #blocks: readonly Record<(typeof questions)[number], Head>[];
  readonly #patch: Head;
  readonly #cover: Head;

  constructor(
    {
      blocks,
      width,
      frames,
      classes,
    }: {
      /** How many of the last ones are read. */
      readonly blocks: number;
      readonly width: number;
      readonly frames: number;
      readonly classes: Readonly<Record<(typeof questions)[number], number>>;
    },
    random: Random,
  ) {
    const head = (outputs: number): Head => ({
      weight: normal(random, [outputs, width], 0.05).asParameter(),
      bias: zeros([outputs]).asParameter(),
    });
    this.#blocks = Array.from({ length: blocks }, () => ({
      concept: head(classes.concept),
      motion: head(classes.motion),
      background: head(classes.background),
    }));
    this.#patch = head(classes.concept + 1);
    this.#cover = head(frames);
  }

  get parameters(): Tensor[] {
    const heads = [...this.#blocks.flatMap((block) => Object.values(block)), this.#patch, this.#cover];
    return heads.flatMap(({ weight, bias }) => [weight, bias]);
  }

  /**
   * Logits of each block that is read, shallowest first.
   *
   * @param hiddenStates outputs of the encoder's blocks, `[batch, tokens, width]`.
   */
  read(hiddenStates: readonly Tensor[]): Logits[] {
    return hiddenStates.slice(-this.#blocks.length).map((x, place) => {
      const [batch, , width] = x.shape as [number, number, number];
      const token = layerNorm(reshape(slice(x, 1, 0, 1), [batch, width]), { epsilon: 1e-5 });
      const apply = (name: keyof Logits): Tensor => {
        const { weight, bias } = this.#blocks[place]![name];
        return linear(token, weight, bias);
      };
      return { concept: apply('concept'), motion: apply('motion'), background: apply('background') };
    });
  }

  /**
   * The whole loss of a batch: the last block counts once, all others together as much. Single frames are not asked what
   * happens.
   */
  loss(
    hiddenStates: readonly Tensor[],
    batch: VideoBatch,
    { motionLoss, patchLoss, coverLoss }: Pick<VideoModelOptions, 'motionLoss' | 'patchLoss' | 'coverLoss'>,
  ): { loss: Tensor; concept: Tensor; motion: Tensor } {
    const isMoving = batch.shape[1] > 1;
    const last = hiddenStates.at(-1)!;
    const [size, tokens, width] = last.shape as [number, number, number];
    const seen = layerNorm(reshape(slice(last, 1, 1, tokens), [size * (tokens - 1), width]), {
      epsilon: 1e-5,
    });
    const patch = crossEntropy(linear(seen, this.#patch.weight, this.#patch.bias), tensor(batch.patches));
    let loss = scale(patch, patchLoss);
    if (isMoving) {
      const wrong = subtract(linear(seen, this.#cover.weight, this.#cover.bias), everyFrame(batch));
      loss = add(loss, scale(mean(multiply(wrong, wrong)), coverLoss));
    }
    const blocks = this.read(hiddenStates).map((logits) => ({
      concept: crossEntropy(logits.concept, tensor(batch.concepts)),
      motion: crossEntropy(logits.motion, tensor(batch.motions)),
      background: crossEntropy(logits.background, tensor(batch.backgrounds)),
    }));
    for (const [place, { concept, motion, background }] of blocks.entries()) {
      const share = place === blocks.length - 1 ? 1 : 1 / (blocks.length - 1);
      const answers = add(
        isMoving ? add(concept, scale(motion, motionLoss)) : concept,
        scale(background, 0.3),
      );
      loss = add(loss, scale(answers, share));
    }
    const { concept, motion } = blocks.at(-1)!;
    return { loss, concept, motion };
  }
}

/** What each patch of each frame is to tell: how much of it is covered in all frames, `[batch * patches * frames, frames]`. */
function everyFrame({ cover, shape: [, frames] }: VideoBatch): Tensor {
  const values = new Float32Array(cover.length * frames);
  for (let row = 0; row < cover.length; row++) {
    const first = row - (row % frames);
    for (let frame = 0; frame < frames; frame++) values[row * frames + frame] = cover[first + frame]!;
  }
  return tensor(values, [cover.length, frames]);
}
