import { checkIds, checkText, checkTexts } from './check-samples.js';
import { EvaluationError } from './evaluation-error.js';
import { exactMatch } from './exact-match.js';
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
  /** The scores of every sample, in input order. */
  perSample: ({ id: string } & AnswerScores)[];
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

/**
 * VQA accuracy (see `vqaAccuracy` for its rules and options) and exact match over a question answering test
 * set, in total and by question type.
 *
 * Data with one answer a question: a lone answer counts as ten equal ones, so each question is all or nothing,
 * and by the official rule equal answers are compared letter by letter. Pass `normalizeUnanimous: true` to
 * ignore case, articles and punctuation there too.
 *
 * @throws EvaluationError if samples is empty, an id occurs twice, answers are missing, or a text is no string
 */
export function evaluateAnswers(
  samples: readonly AnswerSample[],
  options: VqaAccuracyOptions = {},
): AnswerEvaluation {
  checkIds('evaluateAnswers', samples);
  const byType = new Map<string, AnswerScores[]>();
  const perSample = samples.map(({ id, answers, prediction, questionType }) => {
    checkText('evaluateAnswers', id, 'prediction', prediction);
    checkTexts('evaluateAnswers', id, 'answers', answers);
    if (questionType !== undefined) checkText('evaluateAnswers', id, 'questionType', questionType);
    if (answers.length === 1 && options.singleAnswer === 'reject') {
      throw new EvaluationError(
        'evaluateAnswers',
        `sample ${JSON.stringify(id)} has 1 answer`,
        "pass several, or singleAnswer: 'repeat'",
      );
    }
    const scores = {
      id,
      vqaAccuracy: vqaAccuracy(prediction, answers, options),
      exactMatch: exactMatch(prediction, answers) ? 1 : 0,
    };
    if (questionType !== undefined) {
      const group = byType.get(questionType);
      if (group) group.push(scores);
      else byType.set(questionType, [scores]);
    }
    return scores;
  });
  return {
    ...mean(perSample),
    perQuestionType: Object.fromEntries([...byType].map(([type, scores]) => [type, mean(scores)])),
    perSample,
  };
}
