import type { Question, Sample } from '@ocelli/datasets';
import { expect, test } from 'vitest';
import type { ImageTextModel } from '../../pipelines/image-text-model.js';
import { silentReporter } from '../../progress/progress-reporter.js';
import { evaluateModel } from '../evaluate-model.js';
import { scoreTable } from '../score-table.js';
import { parseMetricNames } from './metric-names.js';

type Asked = Question & { readonly says: string };

/** Evaluates a model that says what stands beside each question. */
async function evaluate(
  questions: readonly Asked[],
  { metrics, captions }: { metrics?: string[]; captions?: string[] } = {},
) {
  const samples: Sample[] = questions.map(({ says: _, ...question }, i) => ({
    id: `s${i}`,
    media: question.context === 'picture' ? { image: { kind: 'file', path: 'a.png' } } : {},
    text: { questions: [question], ...(captions && { captions }) },
  }));
  let next = 0;
  const model = {
    answers: async (items: readonly object[]) => items.map(() => questions[next++]!.says),
    captions: async (items: readonly object[]) => items.map(() => 'a dog and a cat'),
  };
  const options = { reporter: silentReporter, metrics, intervals: { resamples: 20 } };
  return evaluateModel(model as unknown as ImageTextModel, samples, options);
}

const named = ({ metrics }: Awaited<ReturnType<typeof evaluate>>) =>
  Object.fromEntries(metrics.map(({ name, value }) => [name, value]));

const people = (...answers: string[]) => ({ answers: [answers[0]!], annotatorAnswers: answers });

test('VQA: accuracy by question type and answer type', async () => {
  const evaluation = await evaluate([
    {
      question: 'what color?',
      ...people(...Array<string>(9).fill('red'), 'blue'),
      type: 'what color',
      answerType: 'other',
      says: 'Red.',
    },
    {
      question: 'how many?',
      ...people('2', '2', '3', ...Array<string>(7).fill('4')),
      type: 'how many',
      answerType: 'number',
      says: 'two',
    },
  ]);
  const [metric, ...others] = evaluation.metrics;
  expect(others).toEqual([]);
  // The second: two of ten said so; left out are they (1/3 each) or others (2/3 each).
  const second = (2 * (1 / 3) + 8 * (2 / 3)) / 10;
  expect(metric).toMatchObject({ name: 'VQA accuracy', of: 'answers', unit: 'share', count: 2 });
  expect(metric!.value).toBeCloseTo((1 + second) / 2, 12);
  expect(metric!.interval!.low).toBeLessThanOrEqual(metric!.value);
  expect(metric!.breakdowns!.map(({ by, groups }) => [by, groups.map(({ name }) => name)])).toEqual([
    ['question type', ['what color', 'how many']],
    ['answer type', ['other', 'number']],
  ]);
  expect(metric!.breakdowns![1]!.groups[1]!.value).toBeCloseTo(second, 12);
  expect(scoreTable(evaluation)).toMatch(/ {2}1 number +VQA accuracy +60\.0 %/);
});

test('one answer: exact match but for articles, numbers and punctuation; half right counts half', async () => {
  const evaluation = await evaluate([
    { question: 'what?', answers: ['dog'], type: 'what', says: 'the dog.' },
    { question: 'how many?', answers: ['2'], type: 'how', says: 'two' },
    { question: 'who?', answers: ['man', 'boy'], scores: [1, 0.5], type: 'who', says: 'boy' },
    { question: 'who?', answers: ['man'], type: 'who', says: 'woman' },
  ]);
  expect(named(evaluation)).toEqual({ 'exact match': 2.5 / 4 });
});

const statement = (group: string, answer: 'true' | 'false', says: string): Asked => ({
  question: 'two dogs',
  choices: ['true', 'false'],
  answers: [answer],
  correct: answer === 'true' ? 0 : 1,
  group,
  says,
});

test('NLVR: accuracy, and consistency over groups', async () => {
  const evaluation = await evaluate([
    statement('dev-1-0', 'true', 'True'),
    statement('dev-1-0', 'false', 'false'),
    statement('dev-2-0', 'true', 'true'),
    statement('dev-2-0', 'false', 'maybe'),
  ]);
  expect(named(evaluation)).toEqual({ 'NLVR accuracy': 3 / 4, 'NLVR consistency': 1 / 2 });
  expect(evaluation.metrics.map(({ count }) => count)).toEqual([4, 2]);
});

test('ScienceQA: by subject, context and grade', async () => {
  const problem = (type: string, answerType: string, context: string | undefined, says: string): Asked => ({
    question: 'which?',
    choices: ['iron', 'wood'],
    answers: ['wood'],
    correct: 1,
    type,
    answerType,
    ...(context && { context }),
    says,
  });
  const { metrics } = await evaluate([
    problem('natural science', 'grade3', 'picture', 'B'),
    problem('natural science', 'grade8', undefined, 'iron'),
    problem('language science', 'grade12', 'a hint', 'The answer is B.'),
  ]);
  expect(metrics).toHaveLength(1);
  expect(metrics[0]).toMatchObject({ name: 'ScienceQA accuracy', value: 2 / 3 });
  expect(metrics[0]!.breakdowns).toEqual([
    {
      by: 'subject',
      groups: [
        { name: 'natural science', value: 0.5, count: 2 },
        { name: 'language science', value: 1, count: 1 },
      ],
    },
    {
      by: 'context',
      groups: [
        { name: 'text', value: 1, count: 2 },
        { name: 'picture', value: 1, count: 1 },
        { name: 'none', value: 0, count: 1 },
      ],
    },
    {
      by: 'grade',
      groups: [
        { name: '1 to 6', value: 1, count: 1 },
        { name: '7 to 12', value: 0.5, count: 2 },
      ],
    },
  ]);
});

test('POPE: F1 and the share of yes', async () => {
  const asked = (answer: string, says: string): Asked => ({
    question: 'Is there a dog in the image?',
    answers: [answer],
    says,
  });
  const scores = named(
    await evaluate([asked('yes', 'Yes, a dog.'), asked('no', 'yes'), asked('no', 'No'), asked('yes', 'no')]),
  );
  expect(scores).toEqual({
    'POPE accuracy': 0.5,
    'POPE precision': 0.5,
    'POPE recall': 0.5,
    'POPE F1': 0.5,
    'answered with yes': 0.5,
  });
});

test('A-OKVQA, and other choices', async () => {
  const choices = { choices: ['a cat', 'a dog'], correct: 1 };
  expect(
    named(
      await evaluate([{ question: 'what?', ...choices, ...people('a dog', 'a dog', 'cat'), says: 'a dog' }]),
    ),
  ).toEqual({ 'A-OKVQA direct answer': 2 / 3, 'A-OKVQA multiple choice': 1 });
  expect(
    named(
      await evaluate([
        { question: 'what?', ...choices, answers: ['a dog'], says: 'B' },
        { question: 'what?', ...choices, answers: ['a dog'], says: 'a bird' },
      ]),
    ),
  ).toEqual({ 'multiple choice': 0.5 });
});

test('others on request, and only those', async () => {
  const questions: Asked[] = [
    { question: 'is it?', answers: ['yes'], says: 'yes' },
    { question: 'is it?', answers: ['no'], says: 'yes' },
  ];
  const options = { captions: ['a dog barks', 'one dog'] };
  expect(named(await evaluate(questions, { ...options, metrics: ['pope'] }))).toMatchObject({
    'POPE recall': 1,
  });
  const onlyCaptions = await evaluate(questions, { ...options, metrics: ['chair', 'bleu1'] });
  expect(onlyCaptions.answers).toBeNull();
  // The cat is in no person's caption.
  expect(named(onlyCaptions)).toMatchObject({ 'CHAIRi, by captions': 0.5, 'CHAIRs, by captions': 1 });
  for (const [metrics, message] of [
    [['nlvr'], 'needs questions with a group and the choices true and false, and s0#0 is not one'],
    [['spider'], 'give spice-1.0.jar with --spice FILE'],
  ] as const)
    await expect(evaluate(questions, { ...options, metrics: [...metrics] })).rejects.toThrow(message);
  await expect(evaluate(questions, { metrics: ['cider'] })).rejects.toThrow('the data has none of');
  expect(parseMetricNames('cider, vqa')).toEqual(['cider', 'vqa']);
  expect(() => parseMetricNames('cidre')).toThrow('there is no metric "cidre"; did you mean "cider"?');
});
