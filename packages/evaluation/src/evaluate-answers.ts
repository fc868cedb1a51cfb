import { checkIds, checkText, checkTexts } from './check-samples.js';
import { EvaluationError } from './evaluation-error.js';
import { exactMatch } from './exact-match.js';
import { bootstrapInterval, type Interval, type IntervalOptions } from './resampling/bootstrap-interval.js';
import { meanOf, type SampleSums } from './resampling/sample-sums.js';
import { type VqaAccuracyOptions, vqaAccuracy } from './vqa-accuracy.js';

/** One question with what people and the model answered. */
export interface AnswerSample {
  /** Names the question; may occur once. */
  readonly id: string;
  /** Human answers, typically 10; a lone one counts as ten equal answers. */
  readonly answers: readonly string[];
  /** The model's answer; may be empty. */
  readonly prediction: string;
  /** Groups the scores, e.g. `how many`. */
  readonly questionType?: string;
  /** Groups them once more, e.g. `yes/no`, `number` or `other`. */
  readonly answerType?: string;
}

/** Options of {@link evaluateAnswers}. */
export interface AnswerOptions extends VqaAccuracyOptions {
  /** Also gives the bootstrap interval of every score. Default: none. */
  readonly intervals?: IntervalOptions | undefined;
}

/** The answer metrics. */
export interface AnswerScores {
  /** Mean VQA accuracy, percent 0..100, unrounded. */
  vqaAccuracy: number;
  /** Fraction 0..1 of predictions that equal any answer but for case, space and final punctuation. */
  exactMatch: number;
}

/** What {@link evaluateAnswers} returns. */
export interface AnswerEvaluation extends AnswerScores {
  /** Number of samples. */
  count: number;
  /** The scores of each `questionType`; samples without one are only in the total. */
  perQuestionType: Record<string, AnswerScores & { count: number }>;
  /** The same by `answerType`. */
  perAnswerType: Record<string, AnswerScores & { count: number }>;
  /** The scores of every sample, in input order. */
  perSample: ({ id: string } & AnswerScores)[];
  /** The interval of every score, if asked for. */
  intervals?: Record<keyof AnswerScores, Interval>;
}

function mean(scores: readonly AnswerScores[]): AnswerScores & { count: number } {
  let accuracy = 0;
  let matched = 0;
  for (const score of scores) {
    accuracy += score.vqaAccuracy;
    matched += score.exactMatch;
  }
  return { vqaAccuracy: accuracy / scores.length, exactMatch: matched / scores.length, count: scores.length };
}

function byType(
  scores: readonly AnswerScores[],
  types: readonly (string | undefined)[],
): Record<string, AnswerScores & { count: number }> {
  const groups = new Map<string, AnswerScores[]>();
  scores.forEach((score, i) => {
    const type = types[i];
    if (type === undefined) return;
    const group = groups.get(type);
    if (group) group.push(score);
    else groups.set(type, [score]);
  });
  return Object.fromEntries([...groups].map(([type, own]) => [type, mean(own)]));
}

/** The scores of a test set, and each as a function of sums over its questions. */
export function scoreAnswers(
  samples: readonly AnswerSample[],
  options: VqaAccuracyOptions,
): { evaluation: AnswerEvaluation; sums: Record<keyof AnswerScores, SampleSums> } {
  checkIds('evaluateAnswers', samples);
  const perSample = samples.map(({ id, answers, prediction, questionType, answerType }) => {
    checkText('evaluateAnswers', id, 'prediction', prediction);
    checkTexts('evaluateAnswers', id, 'answers', answers);
    if (questionType !== undefined) checkText('evaluateAnswers', id, 'questionType', questionType);
    if (answerType !== undefined) checkText('evaluateAnswers', id, 'answerType', answerType);
    if (answers.length === 1 && options.singleAnswer === 'reject') {
      throw new EvaluationError(
        'evaluateAnswers',
        `sample ${JSON.stringify(id)} has 1 answer`,
        "pass several, or singleAnswer: 'repeat'",
      );
    }
    return {
      id,
      vqaAccuracy: vqaAccuracy(prediction, answers, options),
      exactMatch: exactMatch(prediction, answers) ? 1 : 0,
    };
  });
  return {
    evaluation: {
      ...mean(perSample),
      perQuestionType: byType(
        perSample,
        samples.map(({ questionType }) => questionType),
      ),
      perAnswerType: byType(
        perSample,
        samples.map(({ answerType }) => answerType),
      ),
      perSample,
    },
    sums: {
      vqaAccuracy: meanOf(perSample.map((one) => one.vqaAccuracy)),
      exactMatch: meanOf(perSample.map((one) => one.exactMatch)),
    },
  };
}

/**
 * VQA accuracy (see `vqaAccuracy` for its rules and options) and exact match over a question answering test
 * set, in total, by question type and by answer type.
 *
 * Data with one answer a question: a lone answer counts as ten equal ones, so each question is all or nothing,
 * and by the official rule equal answers are compared letter by letter. Pass `normalizeUnanimous: true` to
 * ignore case, articles and punctuation there too.
 *
 * @throws EvaluationError if samples is empty, an id occurs twice, answers are missing, or a text is no string
 */
export function evaluateAnswers(
  samples: readonly AnswerSample[],
  options: AnswerOptions = {},
): AnswerEvaluation {
  const { evaluation, sums } = scoreAnswers(samples, options);
  if (options.intervals === undefined) return evaluation;
  return {
    ...evaluation,
    intervals: {
      vqaAccuracy: bootstrapInterval(sums.vqaAccuracy, options.intervals),
      exactMatch: bootstrapInterval(sums.exactMatch, options.intervals),
    },
  };
}
