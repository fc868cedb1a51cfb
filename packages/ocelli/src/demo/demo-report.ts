import { exactMatch, vqaAccuracy } from '@ocelli/evaluation';
import {
  type ReportBound,
  type ReportData,
  type ReportMedia,
  type ReportMethod,
  type ReportScores,
  reportMedia,
} from '../report/index.js';
import { methodWords, metricWords } from './demo-words.js';
import type { DemoWords } from './modality.js';
import type { MethodResult } from './result.js';
import type { DemoExample, DemoOutcome } from './run-demo.js';

const questionedExamples = 8;

/** What `report.html` shows. */
export async function demoReport(
  { result, curves, examples }: DemoOutcome,
  words: DemoWords,
): Promise<ReportData> {
  const splits = Object.keys(result.splits);
  const names = Object.keys(result.splits[splits[0]!] ?? {});
  const media = new Map<string, ReportMedia>();
  for (const { sample } of examples) {
    media.set(sample.id, await reportMedia(await sample.show()));
  }
  const runs = result.seeds.length === 1 ? 'one run each' : `mean of ${result.seeds.length} runs`;
  return {
    title: words.title,
    subtitle: `${words.subtitle} (${runs})`,
    generated: result.environment.date,
    metrics: metricWords,
    splits: splits.map(
      (name) => words.splits.find((split) => split.name === name) ?? { name, label: name, description: '' },
    ),
    methods: names.map((name) => reportMethod(name, result, curves)),
    bounds: bounds(result, splits, words),
    samples: examples.map((example) => ({
      media: media.get(example.sample.id)!,
      split: example.split,
      artist: example.sample.author,
      references: example.sample.text.captions,
      captions: pick(names, (name) => {
        const text = example.captions[name] ?? '';
        return { text, correct: exactMatch(text, example.sample.text.captions) };
      }),
    })),
    questions: examples
      .filter(({ split }) => split === splits[0])
      .slice(0, questionedExamples)
      .flatMap((example) => questions(example, media.get(example.sample.id)!, names)),
    questionTypes: questionTypes(result, splits[0]!, names, words),
    environment: rows(result.environment),
    settings: rows(result.settings as Record<string, unknown>),
    credits: words.credits,
  };
}

/** The columns of the results, see `metricWords`. */
function reportScores({
  objectNamed,
  exactMatch: exact,
  cider,
  bleu4,
  rougeL,
  vqaAccuracy: vqa,
}: MethodResult): Record<string, number> {
  return {
    objectNamed: 100 * objectNamed,
    exactMatch: 100 * exact,
    cider,
    bleu4,
    rougeL,
    vqaAccuracy: vqa,
  };
}

function reportMethod(
  name: string,
  { splits, perSeed, seeds }: DemoOutcome['result'],
  curves: DemoOutcome['curves'],
): ReportMethod {
  const first = Object.values(splits)[0]![name]!;
  const scores = mapValues(splits, (methods) => reportScores(methods[name]!));
  const spread: ReportScores = mapValues(splits, (_, split) =>
    mapValues(reportScores(first), (_score, metric) =>
      deviation(perSeed.map((seed) => reportScores(seed[split]![name]!)[metric]!)),
    ),
  );
  return {
    name,
    ...(methodWords[name] ?? { label: name, description: '' }),
    trainableParameters: first.trainableParameters,
    trainablePercent: first.trainablePercent,
    secondsToTrain: first.secondsToTrain,
    curve: curves[name] ?? [],
    scores,
    ...(seeds.length > 1 ? { spread } : {}),
  };
}

function bounds(
  { floors, ceiling }: DemoOutcome['result'],
  splits: readonly string[],
  words: DemoWords,
): ReportBound[] {
  const average = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const bySplit = (of: (split: string) => Record<string, number> | undefined): ReportScores =>
    Object.fromEntries(splits.map((split) => [split, of(split) ?? {}]));
  const list: ReportBound[] = [
    {
      label: 'Majority answer',
      kind: 'floor',
      description: 'Always the answer that is most frequent in training.',
      scores: bySplit((split) => ({ vqaAccuracy: average(Object.values(floors.majority[split] ?? {})) })),
    },
  ];
  const trained = [
    {
      scores: floors.blind,
      label: 'Blind eP-ALM',
      description: `The same model, trained and tested on zeros in place of every ${words.sample}.`,
    },
    {
      scores: floors.singleFrame,
      label: 'Single-frame eP-ALM',
      description: 'The same model, trained and tested on the middle frame of every clip, standing still.',
    },
  ];
  for (const { scores, ...said } of trained) {
    if (Object.keys(scores).length === 0) continue;
    list.push({
      ...said,
      kind: 'floor',
      scores: bySplit((split) => scores[split] && reportScores(scores[split])),
    });
  }
  if (Object.keys(ceiling).length > 0) {
    list.push({
      label: 'Linear probe',
      kind: 'ceiling',
      description: `A linear classifier on the same frozen features: the object, and all that captions tell of a ${words.sample}.`,
      scores: bySplit((split) => {
        const probe = ceiling[split];
        return probe && { objectNamed: 100 * probe.object!, exactMatch: 100 * probe.together! };
      }),
    });
  }
  return list;
}

function questions(
  { sample, answers }: DemoExample,
  media: ReportMedia,
  names: readonly string[],
): ReportData['questions'] {
  return sample.text.questions.map(({ question, type, answers: right }, number) => ({
    media,
    question,
    type,
    answers: right,
    predictions: pick(names, (name) => {
      const text = answers[name]?.[number] ?? '';
      return { text, correct: vqaAccuracy(text, right, { normalizeUnanimous: true }) === 100 };
    }),
  }));
}

function questionTypes(
  { splits, floors }: DemoOutcome['result'],
  split: string,
  names: readonly string[],
  words: DemoWords,
): ReportData['questionTypes'] {
  return Object.entries(floors.majority[split] ?? {}).map(([type, majority]) => ({
    type,
    label: words.questions[type] ?? type,
    majority,
    blind: floors.blind[split]?.perQuestionType[type] ?? majority,
    accuracy: pick(names, (name) => splits[split]?.[name]?.perQuestionType[type]),
  }));
}

/** Sample standard deviation. */
function deviation(values: readonly number[]): number | undefined {
  if (values.length < 2) return undefined;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
}

function rows(values: Readonly<Record<string, unknown>>): { name: string; value: string }[] {
  return Object.entries(values).flatMap(([name, value]) => {
    if (name === 'methods') {
      return Object.entries(value as Record<string, unknown>).map(([method, one]) => ({
        name: method,
        value: JSON.stringify(one),
      }));
    }
    if (name === 'seconds') {
      return Object.entries(value as Record<string, number>).map(([part, seconds]) => ({
        name: `seconds, ${part}`,
        value: seconds.toFixed(1),
      }));
    }
    return [{ name, value: typeof value === 'object' ? JSON.stringify(value) : String(value) }];
  });
}

function pick<Value>(names: readonly string[], of: (name: string) => Value): Record<string, Value> {
  return Object.fromEntries(names.map((name) => [name, of(name)]));
}

function mapValues<Value, Result>(
  object: Readonly<Record<string, Value>>,
  map: (value: Value, key: string) => Result,
): Record<string, Result> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value, key)]));
}
