import type { Question, Sample } from '@ocelli/datasets';
import {
  type AnswerEvaluation,
  type AnswersFile,
  type CaptionEvaluation,
  evaluateAnswers,
  evaluateCaptions,
  type IntervalOptions,
} from '@ocelli/evaluation';
import { OcelliError } from '@ocelli/ops';
import { type GenerationOptions, optionsOfPart } from '../pipelines/generate-texts.js';
import type { ImageTextModel } from '../pipelines/image-text-model.js';
import type { ProgressReporter } from '../progress/progress-reporter.js';

/** What a model wrote about a data set, and how good it is. */
export interface ModelEvaluation {
  /** Null for data without captions. */
  readonly captions: (CaptionEvaluation & { readonly texts: readonly GeneratedCaption[] }) | null;
  /** Null for data without answered questions. */
  readonly answers: (AnswerEvaluation & { readonly texts: readonly GeneratedAnswer[] }) | null;
}

/** A generated caption with its references. */
export interface GeneratedCaption {
  readonly id: string;
  readonly caption: string;
  readonly references: readonly string[];
}

/** A generated answer with the right ones. */
export interface GeneratedAnswer {
  readonly id: string;
  readonly question: string;
  readonly answer: string;
  readonly answers: readonly string[];
}

/** How a model is evaluated. */
export interface EvaluateModelOptions extends GenerationOptions {
  readonly reporter: ProgressReporter;
  /** Keeps every text as soon as it is there, and has those that an evaluation which was stopped wrote. Default: none. */
  readonly answers?: AnswersFile<string> | undefined;
  /** Also gives the bootstrap interval of every score. Default: none. */
  readonly intervals?: IntervalOptions | undefined;
}

const batch = 64;

/**
 * Captions every captioned picture and answers every answered question of some samples, and scores both. Questions with
 * one answer are compared without regard to case, articles and punctuation.
 */
export async function evaluateModel(
  model: ImageTextModel,
  samples: readonly Sample[],
  options: EvaluateModelOptions,
): Promise<ModelEvaluation> {
  const captioned = samples.filter(({ text }) => (text.captions?.length ?? 0) > 0);
  const questions = samples.flatMap((sample) =>
    (sample.text.questions ?? [])
      .map((question, number) => ({ sample, question, id: `${sample.id}#${question.id ?? number}` }))
      .filter(({ question }) => question.answers.length > 0),
  );
  if (captioned.length === 0 && questions.length === 0) {
    throw new OcelliError(
      'eval',
      'the data has neither captions nor answered questions; there is nothing to compare with',
    );
  }
  checkUnique(captioned, 'sample');
  checkUnique(questions, 'question');
  return {
    captions: captioned.length > 0 ? await evaluateCaptioning(model, captioned, options) : null,
    answers: questions.length > 0 ? await evaluateAnswering(model, questions, options) : null,
  };
}

/** Scores need every id once; what is wrong is said before hours of generation, not after. */
function checkUnique(items: readonly { readonly id: string }[], what: string): void {
  const ids = new Set<string>();
  for (const { id } of items) {
    if (ids.has(id))
      throw new OcelliError(
        'eval',
        `the id ${JSON.stringify(id)} of a ${what} is there more than once; give each its own`,
      );
    ids.add(id);
  }
}

async function evaluateCaptioning(
  model: ImageTextModel,
  samples: readonly Sample[],
  options: EvaluateModelOptions,
): Promise<ModelEvaluation['captions']> {
  const keyed = samples.map((sample) => ({ sample, key: `captions ${sample.id}` }));
  const texts = await inBatches('captions', keyed, options, (part, own) =>
    model.captions(
      part.map(({ sample }) => sample.media),
      own,
    ),
  );
  const scores = evaluateCaptions(
    samples.map(({ id, text }, index) => ({ id, references: text.captions!, hypothesis: texts[index]! })),
    { intervals: options.intervals },
  );
  const generated = samples.map(({ id, text }, index) => ({
    id,
    caption: texts[index]!,
    references: text.captions!,
  }));
  return { ...scores, texts: generated };
}

async function evaluateAnswering(
  model: ImageTextModel,
  questions: readonly { readonly sample: Sample; readonly question: Question; readonly id: string }[],
  options: EvaluateModelOptions,
): Promise<ModelEvaluation['answers']> {
  // With its words, since many questions have no id but their number, which changes with the file.
  const keyed = questions.map((each) => ({ ...each, key: `answers ${each.id} ${each.question.question}` }));
  const texts = await inBatches('answers', keyed, options, (part, own) =>
    model.answers(
      part.map(({ sample, question }) => ({ media: sample.media, question: question.question })),
      own,
    ),
  );
  const scores = evaluateAnswers(
    questions.map(({ question, id }, index) => ({
      id,
      answers: question.annotatorAnswers ?? question.answers.slice(0, 1),
      prediction: texts[index]!,
      ...(question.type === undefined ? {} : { questionType: question.type }),
    })),
    { normalizeUnanimous: true, intervals: options.intervals },
  );
  const generated = questions.map(({ question, id }, index) => ({
    id,
    question: question.question,
    answer: texts[index]!,
    answers: question.answers,
  }));
  return { ...scores, texts: generated };
}

/** A batch of which every text is known already is not generated again. */
async function inBatches<Item extends { readonly key: string }>(
  label: string,
  items: readonly Item[],
  options: EvaluateModelOptions,
  generate: (part: readonly Item[], options: GenerationOptions) => Promise<string[]>,
): Promise<string[]> {
  const { reporter, signal, answers } = options;
  const stage = reporter.stage(label, items.length);
  const texts: string[] = [];
  for (let begin = 0; begin < items.length; begin += batch) {
    signal?.throwIfAborted();
    const part = items.slice(begin, begin + batch);
    const keys = part.map(({ key }) => key);
    const known = keys.flatMap((key) => answers?.get(key) ?? []);
    if (known.length === part.length) {
      texts.push(...known);
    } else {
      const generated = await generate(part, optionsOfPart(options, begin));
      if (answers) {
        const added = keys.map((key, i) => (answers.has(key) ? null : answers.append(key, generated[i]!)));
        await Promise.all(added);
      }
      texts.push(...generated);
    }
    stage.update(texts.length);
  }
  stage.finish();
  return texts;
}
