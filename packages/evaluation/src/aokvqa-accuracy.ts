import { checkIds, checkText, checkTexts } from './check-samples.js';
import { choiceOfAnswer } from './choice-of-answer.js';
import { describe, EvaluationError } from './evaluation-error.js';
import { mean } from './mean.js';

/** One question of A-OKVQA with what a model answered in one or both of its settings. */
export interface AokvqaSample {
  /** Names the question; may occur once. */
  readonly id: string;
  /** The four choices, and which is right. */
  readonly choices: readonly string[];
  readonly correctChoice: number;
  /** Ten free answers of people. */
  readonly directAnswers: readonly string[];
  /** Such questions are left out of the direct-answer score, as in the data's own script. Default false. */
  readonly difficultDirectAnswer?: boolean;
  /** The chosen answer: a choice's text or letter. */
  readonly multipleChoice?: string;
  /** The freely given answer. */
  readonly directAnswer?: string;
}

/** Fractions 0..1; null where no sample has such an answer. */
export interface AokvqaAccuracyResult {
  multipleChoice: number | null;
  directAnswer: number | null;
  perSample: { multipleChoice: number | null; directAnswer: number | null }[];
}

function meanOfPresent(values: readonly (number | null)[]): number | null {
  const present = values.filter((value) => value !== null);
  return present.length > 0 ? mean(present) : null;
}

/**
 * Accuracy on A-OKVQA (Schwenk et al., ECCV 2022) as its own script has it: the right choice, and for free answers
 * min(1, people who gave it / 3), letter by letter. A choice that cannot be read counts as wrong.
 *
 * OK-VQA needs nothing of its own: it is `vqaAccuracy` of its ten answers (each of five people's counts twice).
 *
 * @throws EvaluationError if samples is empty, an id occurs twice, or a question lacks what an answer needs
 */
export function aokvqaAccuracy(samples: readonly AokvqaSample[]): AokvqaAccuracyResult {
  checkIds('aokvqaAccuracy', samples);
  const perSample = samples.map((sample) => {
    const { id, choices, correctChoice, directAnswers, difficultDirectAnswer = false } = sample;
    let multipleChoice: number | null = null;
    let directAnswer: number | null = null;
    if (sample.multipleChoice !== undefined) {
      checkText('aokvqaAccuracy', id, 'multipleChoice', sample.multipleChoice);
      checkTexts('aokvqaAccuracy', id, 'choices', choices);
      if (choices[correctChoice] === undefined) {
        throw new EvaluationError(
          'aokvqaAccuracy',
          `correctChoice of sample ${describe(id)} is ${correctChoice} of ${choices.length} choices`,
          'pass an index from 0',
        );
      }
      multipleChoice = choiceOfAnswer(sample.multipleChoice, choices) === correctChoice ? 1 : 0;
    }
    if (sample.directAnswer !== undefined && !difficultDirectAnswer) {
      checkText('aokvqaAccuracy', id, 'directAnswer', sample.directAnswer);
      checkTexts('aokvqaAccuracy', id, 'directAnswers', directAnswers);
      const said = sample.directAnswer.trim();
      directAnswer = Math.min(1, directAnswers.filter((answer) => answer === said).length / 3);
    }
    return { multipleChoice, directAnswer };
  });
  return {
    multipleChoice: meanOfPresent(perSample.map((one) => one.multipleChoice)),
    directAnswer: meanOfPresent(perSample.map((one) => one.directAnswer)),
    perSample,
  };
}
