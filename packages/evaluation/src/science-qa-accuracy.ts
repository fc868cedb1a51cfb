import { checkIds, checkText, checkTexts } from './check-samples.js';
import { choiceOfAnswer } from './choice-of-answer.js';
import { describe, EvaluationError } from './evaluation-error.js';
import { mean } from './mean.js';

/** One problem of ScienceQA with a model's answer. */
export interface ScienceQaSample {
  /** Names the problem; may occur once. */
  readonly id: string;
  readonly choices: readonly string[];
  /** The index of the right choice. */
  readonly answer: number;
  /** What the model said: a letter, "The answer is B.", or the text of a choice. */
  readonly prediction: string;
  /** `natural science`, `social science` or `language science`. */
  readonly subject: string;
  /** Text that comes with the question; empty if none. */
  readonly hint: string;
  readonly hasImage: boolean;
  /** `grade1` to `grade12`. */
  readonly grade: string;
}

/** Accuracy of a part of the problems, a fraction 0..1; null where there are none. */
export interface SplitAccuracy {
  accuracy: number | null;
  count: number;
}

/** The columns of the paper's tables. */
export type ScienceQaSplit =
  | 'natural'
  | 'social'
  | 'language'
  | 'textContext'
  | 'imageContext'
  | 'noContext'
  | 'grades1To6'
  | 'grades7To12';

/** What {@link scienceQaAccuracy} returns. */
export interface ScienceQaAccuracyResult {
  /** Over all problems. */
  accuracy: number;
  perSplit: Record<ScienceQaSplit, SplitAccuracy>;
  /** Answers that named no choice; they count as wrong. */
  unreadable: number;
  /** 1 or 0 for every sample. */
  perSample: number[];
}

const gradeOf = (grade: string): number => Number(/^grade(\d+)$/.exec(grade)?.[1] ?? Number.NaN);

const SPLITS: Record<ScienceQaSplit, (sample: ScienceQaSample) => boolean> = {
  natural: ({ subject }) => subject === 'natural science',
  social: ({ subject }) => subject === 'social science',
  language: ({ subject }) => subject === 'language science',
  // A problem with text and image is part of both.
  textContext: ({ hint }) => hint !== '',
  imageContext: ({ hasImage }) => hasImage,
  noContext: ({ hint, hasImage }) => hint === '' && !hasImage,
  grades1To6: ({ grade }) => gradeOf(grade) <= 6,
  grades7To12: ({ grade }) => gradeOf(grade) >= 7,
};

/**
 * Accuracy on ScienceQA (Lu et al., NeurIPS 2022) in total and in the eight columns of its tables. Its own script
 * guesses where it cannot read an answer; here such an answer is wrong and counted, so that runs can be compared.
 *
 * @throws EvaluationError if samples is empty, an id occurs twice, or a problem is incomplete
 */
export function scienceQaAccuracy(samples: readonly ScienceQaSample[]): ScienceQaAccuracyResult {
  checkIds('scienceQaAccuracy', samples);
  let unreadable = 0;
  const perSample = samples.map((sample) => {
    const { id, choices, answer, prediction } = sample;
    for (const field of ['prediction', 'subject', 'hint', 'grade'] as const) {
      checkText('scienceQaAccuracy', id, field, sample[field]);
    }
    checkTexts('scienceQaAccuracy', id, 'choices', choices);
    if (choices[answer] === undefined) {
      throw new EvaluationError(
        'scienceQaAccuracy',
        `answer of sample ${describe(id)} is ${answer} of ${choices.length} choices`,
        'pass an index from 0',
      );
    }
    const choice = choiceOfAnswer(prediction, choices);
    if (choice === null) unreadable++;
    return choice === answer ? 1 : 0;
  });
  const perSplit = Object.fromEntries(
    Object.entries(SPLITS).map(([name, isPart]) => {
      const own = perSample.filter((_, i) => isPart(samples[i]!));
      return [name, { accuracy: own.length > 0 ? mean(own) : null, count: own.length }];
    }),
  ) as Record<ScienceQaSplit, SplitAccuracy>;
  return { accuracy: mean(perSample), perSplit, unreadable, perSample };
}
