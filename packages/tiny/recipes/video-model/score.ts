import type { Split } from '@ocelli/emoji-scenes';
import { keep, noGrad, scope, tensor } from '@ocelli/ops';
import { rightAnswers } from '../training/right-answers.js';
import { questions } from './heads.js';
import type { VideoTraining } from './train.js';
import { renderVideos } from './videos.js';

/** Fractions of clips whose thing, motion and background heads name rightly. */
export type Scores = Readonly<Record<(typeof questions)[number], number>>;

/**
 * Scores on unaugmented clips of a split, none of which training sees: their ids have another seed.
 *
 * @param clips about how many.
 * @returns those of each block that is read, shallowest first.
 */
export async function scoreSplit(
  { model, heads, options, grid, labels }: VideoTraining,
  split: Split,
  clips = 480,
): Promise<Scores[]> {
  const { batchSize, readBlocks, frames } = options;
  const right = Array.from({ length: readBlocks }, () => ({ concept: 0, motion: 0, background: 0 }));
  const others = { ...options, seed: options.seed + 1 };
  const rounds = Math.ceil(clips / batchSize);
  for (let round = 0; round < rounds; round++) {
    const batch = await renderVideos(split, round * batchSize, batchSize, others, grid, labels);
    const [, ...picture] = batch.shape.slice(1);
    const logits = scope(() =>
      noGrad(() => {
        const pixels = tensor(batch.pixels, frames > 1 ? batch.shape : [batchSize, ...picture]);
        const { hiddenStates } = model.forward(pixels, { outputHiddenStates: true });
        return heads.read(hiddenStates).map((block) => questions.map((name) => keep(block[name])));
      }),
    );
    const targets = { concept: batch.concepts, motion: batch.motions, background: batch.backgrounds };
    for (const [block, tensors] of logits.entries()) {
      for (const [at, name] of questions.entries()) {
        right[block]![name] += rightAnswers(await tensors[at]!.data(), targets[name]);
        tensors[at]!.dispose();
      }
    }
  }
  const all = rounds * batchSize;
  return right.map(({ concept, motion, background }) => ({
    concept: concept / all,
    motion: motion / all,
    background: background / all,
  }));
}

/** Thing and motion of each block, for a line of progress. */
export function percentages(scores: readonly Scores[]): string {
  return scores
    .map(({ concept, motion }) => `${(100 * concept).toFixed(0)}/${(100 * motion).toFixed(0)}`)
    .join('  ');
}
