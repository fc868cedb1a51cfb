import type { DatasetError, Question, Sample } from '@ocelli/datasets';
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
import type { ImageTextModel, ManyTextsOptions } from '../pipelines/image-text-model.js';
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
  /** Id of the sample that it was asked about. */
  readonly sample: string;
  /** Those of the question, where the data has them. */
  readonly type?: string;
  readonly answerType?: string;
  readonly question: string;
  readonly answer: string;
  readonly answers: readonly string[];
}

/** How a model is evaluated. */
export interface EvaluateModelOptions extends GenerationOptions {
  readonly reporter: ProgressReporter;
  /** Keeps every text as soon as it is there, and has those that an evaluation which was stopped wrote. Default: none. */
  readonly answers?: AnswersFile<string> | undefined;
  /** Called once for each sample whose media cannot be read; it is left out. Default: it ends the evaluation. */
  readonly onBroken?: ((id: string, error: DatasetError) => void) | undefined;
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
  const own = { ...options, onBroken: onceForEach(options.onBroken) };
  const captions = captioned.length > 0 ? await evaluateCaptioning(model, captioned, own) : null;
  const answers = questions.length > 0 ? await evaluateAnswering(model, questions, own) : null;
  if (captions === null && answers === null)
    throw new OcelliError('eval', `all of the ${samples.length} samples are broken; correct their paths`);
  return { captions, answers };
}

/** A sample with captions and questions is met more than once. */
function onceForEach(onBroken: EvaluateModelOptions['onBroken']): EvaluateModelOptions['onBroken'] {
  const named = new Set<string>();
  return (
    onBroken &&
    ((id, error) => {
      if (!named.has(id)) onBroken(id, error);
      named.add(id);
    })
  );
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
  captioned: readonly Sample[],
  options: EvaluateModelOptions,
): Promise<ModelEvaluation['captions']> {
  const keyed = captioned.map((sample) => ({ sample, key: `captions ${sample.id}` }));
  const spoken = await inBatches('captions', keyed, options, (part, own) =>
    model.captions(
      part.map(({ sample }) => sample.media),
      own,
    ),
  );
  if (spoken.length === 0) return null;
  const generated = spoken.map(({ item: { sample }, text }) => ({
    id: sample.id,
    caption: text,
    references: sample.text.captions!,
  }));
  const scores = evaluateCaptions(
    generated.map(({ id, caption, references }) => ({ id, references, hypothesis: caption })),
    { intervals: options.intervals },
  );
  return { ...scores, texts: generated };
}

async function evaluateAnswering(
  model: ImageTextModel,
  questions: readonly { readonly sample: Sample; readonly question: Question; readonly id: string }[],
  options: EvaluateModelOptions,
): Promise<ModelEvaluation['answers']> {
  // With its words, since many questions have no id but their number, which changes with the file.
  const keyed = questions.map((each) => ({ ...each, key: `answers ${each.id} ${each.question.question}` }));
  const spoken = await inBatches('answers', keyed, options, (part, own) =>
    model.answers(
      part.map(({ sample, question }) => ({ media: sample.media, question: question.question })),
      own,
    ),
  );
  if (spoken.length === 0) return null;
  const scores = evaluateAnswers(
    spoken.map(({ item: { question, id }, text }) => ({
      id,
      answers: question.annotatorAnswers ?? question.answers.slice(0, 1),
      prediction: text,
      ...(question.type === undefined ? {} : { questionType: question.type }),
      ...(question.answerType === undefined ? {} : { answerType: question.answerType }),
    })),
    { normalizeUnanimous: true, intervals: options.intervals },
  );
  const generated = spoken.map(({ item: { sample, question, id }, text }) => ({
    id,
    sample: sample.id,
    ...(question.type === undefined ? {} : { type: question.type }),
    ...(question.answerType === undefined ? {} : { answerType: question.answerType }),
    question: question.question,
    answer: text,
    answers: question.answers,
  }));
  return { ...scores, texts: generated };
}

/**
 * The items with their texts, without those that cannot be read. A batch of which every text is known already is not
 * generated again.
 */
async function inBatches<Item extends { readonly key: string; readonly sample: Sample }>(
  label: string,
  items: readonly Item[],
  options: EvaluateModelOptions,
  generate: (part: readonly Item[], options: ManyTextsOptions) => Promise<string[]>,
): Promise<{ readonly item: Item; readonly text: string }[]> {
  const { reporter, signal, answers, onBroken, ...generation } = options;
  const stage = reporter.stage(label, items.length);
  const spoken: { readonly item: Item; readonly text: string }[] = [];
  for (let begin = 0; begin < items.length; begin += batch) {
    signal?.throwIfAborted();
    const part = items.slice(begin, begin + batch);
    const known = part.flatMap(({ key }) => answers?.get(key) ?? []);
    const broken = new Set<Item>();
    const isKnown = known.length === part.length;
    const texts = isKnown
      ? known
      : await generate(part, {
          ...optionsOfPart({ ...generation, ...(signal && { signal }) }, begin),
          onBroken:
            onBroken &&
            ((place, error) => {
              broken.add(part[place]!);
              onBroken(part[place]!.sample.id, error);
            }),
        });
    const whole = part.flatMap((item, place) => (broken.has(item) ? [] : [{ item, text: texts[place]! }]));
    if (answers && !isKnown) {
      const added = whole.filter(({ item }) => !answers.has(item.key));
      await Promise.all(added.map(({ item, text }) => answers.append(item.key, text)));
    }
    spoken.push(...whole);
    stage.update(begin + part.length);
  }
  stage.finish();
  return spoken;
}
