import type { VitModel } from '@ocelli/backbones';
import type { Split } from '@ocelli/emoji-scenes';
import { keep, noGrad, reshape, scope, slice, type Tensor, tensor } from '@ocelli/ops';
import { rightAnswers } from '../training/right-answers.js';
import type { PretrainingHeads } from './heads.js';
import type { VisionModelOptions } from './options.js';
import { renderBatch } from './pictures.js';

/** Fractions of pictures whose thing, count and background the pretraining heads name rightly. */
export interface Scores {
  readonly concept: number;
  readonly count: number;
  readonly background: number;
}

const pictures = 480;

/** Scores on unaugmented scenes of a split, none of which training sees: their ids have another seed. */
export async function scoreSplit(
  model: VitModel,
  heads: PretrainingHeads,
  split: Split,
  options: VisionModelOptions,
  labels: ReadonlyMap<number, number>,
): Promise<Scores> {
  const right = { concept: 0, count: 0, background: 0 };
  const others = { ...options, seed: options.seed + 1 };
  for (let first = 0; first < pictures; first += options.sceneBatchSize) {
    const batch = await renderBatch(split, first, others.sceneBatchSize, others, labels);
    const logits = scope(() =>
      noGrad(() => {
        const pixels = tensor(batch.pixels, [batch.size, 3, options.imageSize, options.imageSize]);
        const { lastHiddenState } = model.forward(pixels);
        return heads.read(reshape(slice(lastHiddenState, 1, 0, 1), [batch.size, options.width]));
      }),
    );
    const targets = { concept: batch.concepts, count: batch.counts, background: batch.backgrounds };
    for (const name of ['concept', 'count', 'background'] as const) {
      const scores: Tensor = keep(logits[name]);
      right[name] += rightAnswers(await scores.data(), targets[name]);
      scores.dispose();
    }
  }
  const rounds = Math.ceil(pictures / options.sceneBatchSize) * options.sceneBatchSize;
  return {
    concept: right.concept / rounds,
    count: right.count / rounds,
    background: right.background / rounds,
  };
}
