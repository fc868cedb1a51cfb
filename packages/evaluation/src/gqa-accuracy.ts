import { checkIds, checkText, checkTexts } from './check-samples.js';
import { mean } from './mean.js';
import { normalizeVqaAnswer } from './normalize-vqa-answer.js';

/** A question with the answers that count as right, one for most data sets. */
export interface ExactAnswerSample {
  /** Names the question; may occur once. */
  readonly id: string;
  readonly answers: readonly string[];
  /** The model's answer; may be empty. */
  readonly prediction: string;
}

/** Fractions 0..1. */
export interface GqaAccuracyResult {
  accuracy: number;
  /** 1 or 0 for every sample. */
  perSample: number[];
}

/**
 * GQA accuracy as generative models are scored, also used for MSVD-QA and MSRVTT-QA: prediction and answer are equal
 * once both are normalised like VQA answers (`normalizeVqaAnswer`). GQA's own script compares letter by letter, as
 * its classifiers answer from a list; on such answers both agree.
 *
 * @throws EvaluationError if samples is empty, an id occurs twice, answers are missing, or a text is no string
 */
export function gqaAccuracy(samples: readonly ExactAnswerSample[]): GqaAccuracyResult {
  checkIds('gqaAccuracy', samples);
  const perSample = samples.map(({ id, answers, prediction }) => {
    checkText('gqaAccuracy', id, 'prediction', prediction);
    checkTexts('gqaAccuracy', id, 'answers', answers);
    const said = normalizeVqaAnswer(prediction);
    return answers.some((answer) => normalizeVqaAnswer(answer) === said) ? 1 : 0;
  });
  return { accuracy: mean(perSample), perSample };
}
