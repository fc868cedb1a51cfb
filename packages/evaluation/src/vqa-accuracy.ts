import { describe, EvaluationError } from './evaluation-error.js';
import { normalizeVqaAnswer, processVqaPunctuation, stripVqaAnswer } from './normalize-vqa-answer.js';

/** Options of {@link vqaAccuracy}. */
export interface VqaAccuracyOptions {
  /**
   * `official` (default): prediction and answers are normalised together, and only if the answers are not all
   * the same string (GT-Vision-Lab/VQA a013f00).
   * `legacy`: the prediction always is; the answers lose only their punctuation (c4e6a0e and before, and the
   * evaluation of eP-ALM).
   */
  protocol?: 'official' | 'legacy';
  /**
   * `official` only. True also normalises when all answers are the same string. The default, false, is the
   * published behaviour: ten times `Yes` against `yes` scores 0. Turn it on for data with one answer a question.
   */
  normalizeUnanimous?: boolean;
  /**
   * What one lone answer means. `repeat` (default): ten people gave it, so the score is 0 or 100.
   * `reject`: an error.
   */
  singleAnswer?: 'repeat' | 'reject';
}

const HUMAN_ANSWERS = 10;

function check(prediction: string, answers: readonly string[], options: VqaAccuracyOptions): void {
  if (typeof prediction !== 'string') {
    throw new EvaluationError('vqaAccuracy', `prediction is ${describe(prediction)}`, 'pass a string');
  }
  if (!Array.isArray(answers) || answers.length === 0) {
    throw new EvaluationError(
      'vqaAccuracy',
      `answers is ${describe(answers)}`,
      'pass the human answers, typically 10',
    );
  }
  answers.forEach((answer: unknown, i) => {
    if (typeof answer !== 'string') {
      throw new EvaluationError('vqaAccuracy', `answers[${i}] is ${describe(answer)}`, 'pass strings only');
    }
  });
  if (answers.length === 1 && options.singleAnswer === 'reject') {
    throw new EvaluationError('vqaAccuracy', 'got 1 answer', "pass several, or singleAnswer: 'repeat'");
  }
}

/**
 * VQA accuracy of one prediction (Antol et al., ICCV 2015): leave out each answer in turn, count the matches
 * among the others, score min(1, matches / 3), and take the mean.
 *
 * @param prediction the model's answer
 * @param answers what people answered, typically 10. With n answers, n of 2 or 3, even agreement stays below
 *   100; one lone answer counts as ten equal ones, so it is all or nothing, see {@link VqaAccuracyOptions}
 * @returns percent 0..100, unrounded (the original rounds to 2 digits)
 * @throws EvaluationError if there are no answers, or something is not a string
 */
export function vqaAccuracy(
  prediction: string,
  answers: readonly string[],
  options: VqaAccuracyOptions = {},
): number {
  check(prediction, answers, options);
  const { protocol = 'official', normalizeUnanimous = false } = options;
  const given = answers.length === 1 ? new Array<string>(HUMAN_ANSWERS).fill(answers[0]!) : answers;

  let wanted: string;
  let people: readonly string[];
  if (protocol === 'legacy') {
    wanted = normalizeVqaAnswer(prediction);
    people = new Set(given).size > 1 ? given.map(processVqaPunctuation) : given;
  } else {
    people = given.map(stripVqaAnswer);
    const normalize = normalizeUnanimous || new Set(people).size > 1;
    wanted = normalize ? normalizeVqaAnswer(prediction) : stripVqaAnswer(prediction);
    if (normalize) people = people.map(normalizeVqaAnswer);
  }

  const matches = people.filter((answer) => answer === wanted).length;
  let sum = 0;
  for (const answer of people) sum += Math.min(1, (matches - (answer === wanted ? 1 : 0)) / 3);
  return (100 * sum) / people.length;
}
