import { checkIds, checkText } from './check-samples.js';
import type { SampleSums } from './resampling/sample-sums.js';

/** One question "Is there a ... in the image?". */
export interface PopeSample {
  /** Names the question; may occur once. */
  readonly id: string;
  /** Whether the thing is there. */
  readonly label: boolean;
  /** What the model said. */
  readonly prediction: string;
}

/** Scores with "yes" as the positive class, fractions 0..1; precision, recall and F1 are 0 where nothing is divided. */
export interface PopeScores {
  accuracy: number;
  precision: number;
  recall: number;
  f1: number;
  /** Share of questions answered with yes: half of them should be. */
  yesShare: number;
}

/** What {@link pope} returns. */
export interface PopeResult extends PopeScores {
  /** True and false positives, true and false negatives of every sample, `[samples][4]`. */
  perSample: (readonly [number, number, number, number])[];
}

/**
 * Whether POPE takes an answer for a yes: all that does not have the word "no", "No" or "not" in its first sentence.
 */
export function saysYes(answer: string): boolean {
  const words = answer.split('.')[0]!.replaceAll(',', '').split(' ');
  return !words.some((word) => word === 'No' || word === 'not' || word === 'no');
}

/** The scores of counts `[true positives, false positives, true negatives, false negatives]`. */
function scoresOf(counts: ArrayLike<number>): PopeScores {
  const [tp, fp, tn, fn] = [counts[0]!, counts[1]!, counts[2]!, counts[3]!];
  const count = tp + fp + tn + fn;
  return {
    accuracy: (tp + tn) / count,
    precision: tp + fp === 0 ? 0 : tp / (tp + fp),
    recall: tp + fn === 0 ? 0 : tp / (tp + fn),
    f1: tp === 0 ? 0 : (2 * tp) / (2 * tp + fp + fn),
    yesShare: (tp + fp) / count,
  };
}

/** One of the scores as a function of sums, for intervals and tests between runs. */
export function popeSums({ perSample }: PopeResult, score: keyof PopeScores): SampleSums {
  return { rows: perSample, score: (sums) => scoresOf(sums)[score] };
}

/**
 * POPE (Li et al., EMNLP 2023): does a model say that things are in a picture that are not? Score its three kinds of
 * questions (random, popular, adversarial) apart.
 *
 * @throws EvaluationError if samples is empty, an id occurs twice, or a text is no string
 */
export function pope(samples: readonly PopeSample[]): PopeResult {
  checkIds('pope', samples);
  const sums = [0, 0, 0, 0];
  const perSample = samples.map(({ id, label, prediction }) => {
    checkText('pope', id, 'prediction', prediction);
    const yes = saysYes(prediction);
    const own = [
      Number(yes && label),
      Number(yes && !label),
      Number(!yes && !label),
      Number(!yes && label),
    ] as const;
    own.forEach((value, i) => {
      sums[i]! += value;
    });
    return own;
  });
  return { ...scoresOf(sums), perSample };
}
