import type { DatasetError, Question, Sample } from '@ocelli/datasets';
import {
  type AnswerEvaluation,
  type AnswersFile,
  type CaptionEvaluation,
  evaluateAnswers,
  evaluateCaptions,
  type IntervalOptions,
  spiceFromJar,
  tokenizeCaptionSamples,
} from '@ocelli/evaluation';
import { OcelliError } from '@ocelli/ops';
import { addCounts, describeHits, noCounts } from '../pipelines/encode-counts.js';
import { type GenerationOptions, optionsOfPart } from '../pipelines/generate-texts.js';
import type { ImageTextModel, ManyTextsOptions } from '../pipelines/image-text-model.js';
import type { ProgressReporter } from '../progress/progress-reporter.js';
import { type AnsweredQuestion, answerMetrics, usualAnswerMetric } from './metrics/answer-metrics.js';
import { captionMetricIds, captionMetrics } from './metrics/caption-metrics.js';
import type { NamedMetric } from './metrics/named-metric.js';

/** What a model wrote about a data set, and how good it is. */
export interface ModelEvaluation {
  /** The scores that the data set is published with, or those that were asked for. */
  readonly metrics: readonly NamedMetric[];
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
  /** Whether the model keeps features, whose hit rate then stands in the progress line. Default: no. */
  readonly hasCache?: boolean;
  /** Keeps every text as soon as it is there, and has those that an evaluation which was stopped wrote. Default: none. */
  readonly answers?: AnswersFile<string> | undefined;
  /** Called once for each sample whose media cannot be read; it is left out. Default: it ends the evaluation. */
  readonly onBroken?: ((id: string, error: DatasetError) => void) | undefined;
  /** Also gives the bootstrap interval of every score. Default: none. */
  readonly intervals?: IntervalOptions | undefined;
  /** Which scores, see `metricNames`. Default: those that the data set is published with. */
  readonly metrics?: readonly string[] | undefined;
  /** `spice-1.0.jar`, for SPICE and SPIDEr of captions. Default: they are left out. */
  readonly spice?: string | undefined;
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
  const allCaptioned = samples.filter(({ text }) => (text.captions?.length ?? 0) > 0);
  const allQuestions = samples.flatMap((sample) =>
    (sample.text.questions ?? [])
      .map((question, number) => ({ sample, question, id: `${sample.id}#${question.id ?? number}` }))
      .filter(({ question }) => question.answers.length > 0),
  );
  if (allCaptioned.length === 0 && allQuestions.length === 0) {
    throw new OcelliError(
      'eval',
      'the data has neither captions nor answered questions; there is nothing to compare with',
    );
  }
  checkMetrics(options, allCaptioned.length > 0, allQuestions);
  // Texts that no score is asked of are not generated.
  const isAsked = (ids: readonly string[]): boolean =>
    options.metrics?.some((id) => ids.includes(id)) ?? true;
  const captioned = isAsked(captionMetricIds) ? allCaptioned : [];
  const questions = isAsked(answerMetrics.map(({ id }) => id)) ? allQuestions : [];
  checkUnique(captioned, 'sample');
  checkUnique(questions, 'question');
  const own = { ...options, onBroken: onceForEach(options.onBroken) };
  const captions = captioned.length > 0 ? await evaluateCaptioning(model, captioned, own) : null;
  const answers = questions.length > 0 ? await evaluateAnswering(model, questions, own) : null;
  if (captions === null && answers === null)
    throw new OcelliError('eval', `all of the ${samples.length} samples are broken; correct their paths`);
  const metrics = [...(captions?.metrics ?? []), ...(answers?.metrics ?? [])];
  return { metrics, captions: captions?.scores ?? null, answers: answers?.scores ?? null };
}

interface KeptQuestion {
  readonly sample: Sample;
  readonly question: Question;
  readonly id: string;
}

/** Scores with what `ModelEvaluation` keeps of them. */
interface Scored<Scores> {
  readonly metrics: readonly NamedMetric[];
  readonly scores: Scores;
}

/** Said before hours of generation: metrics that were asked for and that there is nothing for. */
function checkMetrics(
  { metrics, spice }: EvaluateModelOptions,
  hasCaptions: boolean,
  questions: readonly KeptQuestion[],
): void {
  for (const id of metrics ?? []) {
    if ((id === 'spice' || id === 'spider') && spice === undefined)
      throw new OcelliError('eval', `the metric "${id}" needs SPICE; give spice-1.0.jar with --spice FILE`);
    if (hasCaptions && captionMetricIds.includes(id)) continue;
    const metric = answerMetrics.find((one) => one.id === id);
    const other = metric && questions.find(({ question }) => !metric.suits(question));
    if (metric && questions.length > 0 && !other) continue;
    const fact = other
      ? `needs questions with ${metric.needs}, and ${other.id} is not one`
      : `is one of ${metric ? 'answers' : 'captions'}, which the data has none of`;
    throw new OcelliError('eval', `the metric "${id}" ${fact}; choose others, or leave --metrics out`);
  }
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
): Promise<Scored<NonNullable<ModelEvaluation['captions']>> | null> {
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
  const written = generated.map(({ id, caption, references }) => ({ id, references, hypothesis: caption }));
  const { intervals, spice: jar } = options;
  const scores = evaluateCaptions(written, {
    intervals,
    ...(jar !== undefined && { spice: await spiceFromJar(tokenizeCaptionSamples(written), { jar }) }),
  });
  return {
    metrics: captionMetrics(scores, written, options.metrics, intervals),
    scores: { ...scores, texts: generated },
  };
}

async function evaluateAnswering(
  model: ImageTextModel,
  questions: readonly KeptQuestion[],
  options: EvaluateModelOptions,
): Promise<Scored<NonNullable<ModelEvaluation['answers']>> | null> {
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
  const answered: AnsweredQuestion[] = spoken.map(({ item: { id, sample, question }, text }) => ({
    id,
    sample,
    question,
    text,
  }));
  const asked = answerMetrics.filter(({ id }) => options.metrics?.includes(id));
  const chosen = options.metrics ? asked : [usualAnswerMetric(questions.map(({ question }) => question))];
  return {
    metrics: chosen.flatMap((metric) => metric.score(answered, options.intervals)),
    scores: { ...scores, texts: generated },
  };
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
  const { reporter, signal, answers, onBroken, hasCache, ...generation } = options;
  const stage = reporter.stage(label, items.length);
  const spoken: { readonly item: Item; readonly text: string }[] = [];
  let counts = noCounts;
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
          onEncoded: (own) => {
            counts = addCounts(counts, own);
          },
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
    stage.update(begin + part.length, hasCache ? describeHits(counts) : undefined);
  }
  stage.finish();
  return spoken;
}
