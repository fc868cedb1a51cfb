import { type AnswerSample, type AnswerScores, scoreAnswers } from './evaluate-answers.js';
import {
  type CaptionOptions,
  type CaptionSample,
  type CaptionScores,
  scoreCaptions,
} from './evaluate-captions.js';
import { describe, EvaluationError } from './evaluation-error.js';
import type { IntervalOptions } from './resampling/bootstrap-interval.js';
import {
  approximateRandomization,
  pairedBootstrap,
  type RunDifferenceInterval,
} from './resampling/compare-runs.js';
import type { SampleSums } from './resampling/sample-sums.js';
import type { VqaAccuracyOptions } from './vqa-accuracy.js';

/** How two runs differ in one score: the interval and p-value of the paired bootstrap, and another test's p-value. */
export interface ScoreComparison extends RunDifferenceInterval {
  /** Scores of the two runs. */
  first: number;
  second: number;
  /** By approximate randomisation, which assumes less about the samples. */
  randomizationPValue: number;
}

type SumsByScore<Score extends string> = Partial<Record<Score, SampleSums>>;

function compareSums<Score extends string>(
  first: { evaluation: Partial<Record<Score, number>>; sums: SumsByScore<Score> },
  second: { evaluation: Partial<Record<Score, number>>; sums: SumsByScore<Score> },
  options: IntervalOptions,
): Partial<Record<Score, ScoreComparison>> {
  const result: Partial<Record<Score, ScoreComparison>> = {};
  for (const score of Object.keys(first.sums) as Score[]) {
    const a = first.sums[score]!;
    const b = second.sums[score];
    if (b === undefined) continue;
    result[score] = {
      first: first.evaluation[score]!,
      second: second.evaluation[score]!,
      ...pairedBootstrap(a, b, options),
      randomizationPValue: approximateRandomization(a, b, options).pValue,
    };
  }
  return result;
}

/** The samples of the second run in the order of the first; throws unless both answered the same questions. */
function inOrderOf<Sample extends { readonly id: string }>(
  operation: string,
  first: readonly Sample[],
  second: readonly Sample[],
  targets: (sample: Sample) => readonly string[],
): Sample[] {
  const byId = new Map(second.map((sample) => [sample.id, sample]));
  const fail = (fact: string) =>
    new EvaluationError(operation, fact, 'compare two runs on the same samples with the same references');
  if (byId.size !== first.length) throw fail(`the runs have ${first.length} and ${byId.size} samples`);
  return first.map((sample) => {
    const other = byId.get(sample.id);
    if (other === undefined) throw fail(`the second run has no sample ${describe(sample.id)}`);
    if (JSON.stringify(targets(sample)) !== JSON.stringify(targets(other))) {
      throw fail(`the references of sample ${describe(sample.id)} differ`);
    }
    return other;
  });
}

/**
 * Compares what two models wrote about the same images, score by score.
 *
 * @param options of the intervals, and `firstOptions`, `secondOptions` of the scores (e.g. results of jars)
 * @throws EvaluationError as `evaluateCaptions`, or if images or references differ
 */
export function compareCaptions(
  first: readonly CaptionSample[],
  second: readonly CaptionSample[],
  options: IntervalOptions & {
    readonly firstOptions?: CaptionOptions;
    readonly secondOptions?: CaptionOptions;
  } = {},
): Partial<Record<keyof CaptionScores, ScoreComparison>> {
  const a = scoreCaptions(first, options.firstOptions ?? {});
  const ordered = inOrderOf('compareCaptions', first, second, ({ references }) => references);
  return compareSums<keyof CaptionScores>(a, scoreCaptions(ordered, options.secondOptions ?? {}), options);
}

/**
 * Compares what two models answered to the same questions, score by score.
 *
 * @throws EvaluationError as `evaluateAnswers`, or if questions or human answers differ
 */
export function compareAnswers(
  first: readonly AnswerSample[],
  second: readonly AnswerSample[],
  options: IntervalOptions & VqaAccuracyOptions = {},
): Partial<Record<keyof AnswerScores, ScoreComparison>> {
  const a = scoreAnswers(first, options);
  const ordered = inOrderOf('compareAnswers', first, second, ({ answers }) => answers);
  return compareSums<keyof AnswerScores>(a, scoreAnswers(ordered, options), options);
}
