import type { Question, Sample } from '@ocelli/datasets';
import {
  aokvqaAccuracy,
  choiceOfAnswer,
  type IntervalOptions,
  meanOf,
  nlvrAccuracy,
  normalizeVqaAnswer,
  pope,
  popeSums,
  scienceQaAccuracy,
  vqaAccuracy,
} from '@ocelli/evaluation';
import { type Breakdown, breakdown, metricOf, type NamedMetric } from './named-metric.js';

/** A question with what the model answered. */
export interface AnsweredQuestion {
  readonly id: string;
  readonly sample: Sample;
  readonly question: Question;
  /** The model's answer. */
  readonly text: string;
}

/** A way to score answers, under the name that `--metrics` knows. */
export interface AnswerMetric {
  readonly id: string;
  /** What a question has to have, for messages. */
  readonly needs: string;
  suits(question: Question): boolean;
  score(answered: readonly AnsweredQuestion[], intervals: IntervalOptions | undefined): NamedMetric[];
}

const of = 'answers';
const unit = 'share';

/** By question type and answer type, where the data set says them. */
function byTypes(
  scores: readonly number[],
  answered: readonly AnsweredQuestion[],
  intervals: IntervalOptions | undefined,
): Breakdown[] {
  return [
    ...breakdown(
      'question type',
      scores,
      answered.map(({ question }) => question.type),
      intervals,
    ),
    ...breakdown(
      'answer type',
      scores,
      answered.map(({ question }) => question.answerType),
      intervals,
    ),
  ];
}

function isYesOrNo({ answers }: Question): boolean {
  return answers.length === 1 && /^(yes|no)$/i.test(answers[0]!);
}

/** Which choice is right: its number, or the one that is the answer. */
function correctChoice({ choices = [], correct, answers }: Question): number {
  return correct ?? choices.indexOf(answers[0]!);
}

const popeMetric: AnswerMetric = {
  id: 'pope',
  needs: 'the answer yes or no',
  suits: isYesOrNo,
  score(answered, intervals) {
    const result = pope(
      answered.map(({ id, question, text }) => ({
        id,
        label: question.answers[0]!.toLowerCase() === 'yes',
        prediction: text,
      })),
    );
    const names = {
      accuracy: 'POPE accuracy',
      precision: 'POPE precision',
      recall: 'POPE recall',
      f1: 'POPE F1',
      yesShare: 'answered with yes',
    } as const;
    return (Object.keys(names) as (keyof typeof names)[]).map((score) =>
      metricOf({ name: names[score], of, unit }, popeSums(result, score), intervals),
    );
  },
};

const nlvrMetric: AnswerMetric = {
  id: 'nlvr',
  needs: 'a group and the choices true and false',
  suits: ({ group, choices }) => group !== undefined && choices?.join() === 'true,false',
  score(answered, intervals) {
    const result = nlvrAccuracy(
      answered.map(({ id, question, text }) => {
        const choice = choiceOfAnswer(text, question.choices!);
        return {
          id,
          label: correctChoice(question) === 0,
          prediction: choice === null ? null : choice === 0,
          statement: question.group!,
        };
      }),
    );
    const groups = new Map<string, number>();
    for (const [index, { question }] of answered.entries())
      groups.set(question.group!, Math.min(groups.get(question.group!) ?? 1, result.perSample[index]!));
    return [
      metricOf({ name: 'NLVR accuracy', of, unit }, meanOf(result.perSample), intervals),
      metricOf({ name: 'NLVR consistency', of, unit }, meanOf([...groups.values()]), intervals),
    ];
  },
};

const scienceQaNames = {
  natural: ['subject', 'natural science'],
  social: ['subject', 'social science'],
  language: ['subject', 'language science'],
  textContext: ['context', 'text'],
  imageContext: ['context', 'picture'],
  noContext: ['context', 'none'],
  grades1To6: ['grade', '1 to 6'],
  grades7To12: ['grade', '7 to 12'],
} as const;

const scienceQaMetric: AnswerMetric = {
  id: 'science-qa',
  needs: 'choices, a subject of ScienceQA as type and a grade as answer type',
  suits: ({ choices, type, answerType }) =>
    choices !== undefined &&
    /^(natural|social|language) science$/.test(type ?? '') &&
    /^grade\d+$/.test(answerType ?? ''),
  score(answered, intervals) {
    const result = scienceQaAccuracy(
      answered.map(({ id, question, sample, text }) => ({
        id,
        choices: question.choices!,
        answer: correctChoice(question),
        prediction: text,
        subject: question.type!,
        hint: question.context ?? '',
        hasImage: sample.media.image !== undefined,
        grade: question.answerType!,
      })),
    );
    const breakdowns = ['subject', 'context', 'grade'].map((by) => ({
      by,
      groups: Object.entries(scienceQaNames).flatMap(([split, [dimension, name]]) => {
        const { accuracy, count } = result.perSplit[split as keyof typeof scienceQaNames];
        return dimension === by && accuracy !== null ? [{ name, value: accuracy, count }] : [];
      }),
    }));
    return [
      metricOf({ name: 'ScienceQA accuracy', of, unit, breakdowns }, meanOf(result.perSample), intervals),
    ];
  },
};

const aokvqaMetric: AnswerMetric = {
  id: 'a-okvqa',
  needs: "choices and several people's answers",
  suits: ({ choices, annotatorAnswers }) => choices !== undefined && (annotatorAnswers?.length ?? 0) > 1,
  score(answered, intervals) {
    const { perSample } = aokvqaAccuracy(
      answered.map(({ id, question, text }) => ({
        id,
        choices: question.choices!,
        correctChoice: correctChoice(question),
        directAnswers: question.annotatorAnswers!,
        difficultDirectAnswer: question.type === 'difficult',
        directAnswer: text,
        ...(question.correct === undefined ? {} : { multipleChoice: text }),
      })),
    );
    const scored = {
      'A-OKVQA direct answer': perSample.map(({ directAnswer }) => directAnswer),
      'A-OKVQA multiple choice': perSample.map(({ multipleChoice }) => multipleChoice),
    };
    return Object.entries(scored).flatMap(([name, scores]) => {
      const present = scores.filter((score) => score !== null);
      return present.length === 0 ? [] : [metricOf({ name, of, unit }, meanOf(present), intervals)];
    });
  },
};

const choiceMetric: AnswerMetric = {
  id: 'choice',
  needs: 'choices, one of which is right',
  suits: (question) => question.choices !== undefined && correctChoice(question) >= 0,
  score(answered, intervals) {
    const scores = answered.map(({ question, text }) =>
      choiceOfAnswer(text, question.choices!) === correctChoice(question) ? 1 : 0,
    );
    const facts = {
      name: 'multiple choice',
      of,
      unit,
      breakdowns: byTypes(scores, answered, intervals),
    } as const;
    return [metricOf(facts, meanOf(scores), intervals)];
  },
};

const vqaMetric: AnswerMetric = {
  id: 'vqa',
  needs: 'an answer',
  suits: ({ answers }) => answers.length > 0,
  score(answered, intervals) {
    const scores = answered.map(
      ({ question, text }) =>
        vqaAccuracy(text, question.annotatorAnswers ?? question.answers.slice(0, 1), {
          normalizeUnanimous: true,
        }) / 100,
    );
    const facts = {
      name: 'VQA accuracy',
      of,
      unit,
      breakdowns: byTypes(scores, answered, intervals),
    } as const;
    return [metricOf(facts, meanOf(scores), intervals)];
  },
};

/**
 * Equal to a right answer once both are normalised like VQA answers, as generative models are scored on GQA, MSVD-QA and
 * MSRVTT-QA; an answer that the data set calls half right counts half.
 */
const exactMatchMetric: AnswerMetric = {
  id: 'exact-match',
  needs: 'an answer',
  suits: ({ answers }) => answers.length > 0,
  score(answered, intervals) {
    const scores = answered.map(({ question: { answers, scores: worth }, text }) => {
      const said = normalizeVqaAnswer(text);
      return answers.reduce(
        (best, answer, i) => (normalizeVqaAnswer(answer) === said ? Math.max(best, worth?.[i] ?? 1) : best),
        0,
      );
    });
    const facts = {
      name: 'exact match',
      of,
      unit,
      breakdowns: byTypes(scores, answered, intervals),
    } as const;
    return [metricOf(facts, meanOf(scores), intervals)];
  },
};

/** What `--metrics` knows of answers. */
export const answerMetrics: readonly AnswerMetric[] = [
  popeMetric,
  nlvrMetric,
  scienceQaMetric,
  aokvqaMetric,
  choiceMetric,
  vqaMetric,
  exactMatchMetric,
];

const popeQuestion = /^is there (an?|any) .+ in the (image|picture)\?$/i;

/** The metric that a data set is published with, by what its questions have. */
export function usualAnswerMetric(questions: readonly Question[]): AnswerMetric {
  const all = (test: (question: Question) => boolean): boolean => questions.every(test);
  if (all((question) => isYesOrNo(question) && popeQuestion.test(question.question))) return popeMetric;
  for (const metric of [nlvrMetric, scienceQaMetric, aokvqaMetric, choiceMetric])
    if (all(metric.suits)) return metric;
  const severalPeople = questions.some(({ annotatorAnswers = [] }) => annotatorAnswers.length > 1);
  return severalPeople ? vqaMetric : exactMatchMetric;
}
