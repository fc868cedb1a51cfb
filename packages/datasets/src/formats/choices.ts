import { DatasetError } from '../dataset-error.js';
import type { Question } from '../sample.js';

/**
 * The fields of a multiple-choice question.
 *
 * @param correct which of the choices, from 0; undefined where none is published.
 * @param where names the record in errors.
 * @throws {DatasetError} when there is no such choice.
 */
export function choiceFields(
  choices: readonly string[],
  correct: number | undefined,
  where: string,
): Pick<Question, 'answers' | 'choices' | 'correct'> {
  if (correct === undefined) return { answers: [], choices };
  const answer = choices[correct];
  if (answer === undefined) {
    throw new DatasetError(
      `${where}: the answer is choice ${correct} of ${choices.length}, counted from 0`,
      'correct it',
    );
  }
  return { answers: [answer], choices, correct };
}
