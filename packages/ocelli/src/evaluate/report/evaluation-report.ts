import type { Sample } from '@ocelli/datasets';
import type { ImageTextModel } from '../../pipelines/image-text-model.js';
import type { ProgressReporter } from '../../progress/progress-reporter.js';
import type { EvaluationReport, ReportCase, ReportCases, ReportMedia } from '../../report/index.js';
import type { ModelEvaluation } from '../evaluate-model.js';
import { chooseCases } from './choose-cases.js';
import { mediaToShow } from './media-to-show.js';
import { modelRows, reportRows } from './model-rows.js';
import { reportBreakdowns, reportScores } from './report-scores.js';
import { trainingCurves } from './training-curves.js';

/** What a report shows beside the evaluation. */
export interface EvaluationReportOptions {
  readonly model: ImageTextModel;
  /** Folder of the adapter, or the output folder of its training. */
  readonly adapter: string;
  /** What was evaluated, with the ids of the evaluation. */
  readonly samples: readonly Sample[];
  /** Name of the data, as a person gave it. */
  readonly data: string;
  /** How many captions are shown, and how many answers; half as many of the worst and of the best come on top. */
  readonly shown: number;
  /** How texts were generated. */
  readonly settings: Readonly<Record<string, string | number>>;
  readonly reporter: ProgressReporter;
  readonly signal?: AbortSignal;
}

/** What the model said, and where it was said. */
interface Said extends Omit<ReportCase, 'media' | 'fault'> {
  readonly sample: string;
}

/** The report of an evaluation; reads the media of the samples that it shows. */
export async function evaluationReport(
  evaluation: ModelEvaluation,
  options: EvaluationReportOptions,
): Promise<EvaluationReport> {
  const { captions, answers } = evaluation;
  const { adapter, data, model, settings } = options;
  const counts = [captions && `${captions.count} captions`, answers && `${answers.count} answers`];
  const machine = modelRows(model, adapter);
  return {
    title: `Evaluation of ${adapter}`,
    subtitle: `${counts.filter(Boolean).join(' and ')} on ${data}`,
    generated: new Date().toISOString(),
    scores: reportScores(evaluation.metrics),
    curves: trainingCurves(adapter),
    cases: await allCases(evaluation, options),
    breakdowns: reportBreakdowns(evaluation.metrics),
    settings: [...machine.settings, ...reportRows({ Data: data, ...settings })],
    environment: machine.environment,
  };
}

async function allCases(
  { captions, answers }: ModelEvaluation,
  options: EvaluationReportOptions,
): Promise<ReportCases[]> {
  const kinds: (Omit<ReportCases, 'lists'> & { said: readonly Said[] })[] = [];
  if (captions)
    kinds.push({
      title: 'Captions',
      metric: 'CIDEr',
      digits: 2,
      said: captions.texts.map(({ id, caption, references }, i) => {
        return { id, sample: id, text: caption, references, score: captions.perSample[i]!.cider };
      }),
    });
  if (answers)
    kinds.push({
      title: 'Answers',
      metric: 'VQA accuracy',
      unit: 'percent',
      said: answers.texts.map(({ id, sample, question, answer, answers: right }, i) => {
        const score = answers.perSample[i]!.vqaAccuracy;
        return { id, sample, question, text: answer, references: right, score };
      }),
    });
  const lists = kinds.map(({ said, ...kind }) => ({ ...kind, lists: listsOf(said, kind, options.shown) }));
  const wanted = lists.flatMap((kind) =>
    kind.lists.flatMap(({ cases }) => cases.map(({ sample }) => sample)),
  );
  const media = await mediaOf(new Set(wanted), options);
  return lists.map((kind) => ({
    ...kind,
    lists: kind.lists.map((list) => ({
      ...list,
      cases: list.cases.map(({ sample, ...said }) => ({ ...said, ...media.get(sample)! })),
    })),
  }));
}

/** The cases under each tab, and how they were chosen. */
function listsOf(said: readonly Said[], { metric, digits = 1 }: Omit<ReportCases, 'lists'>, shown: number) {
  const scores = said.map(({ score }) => score);
  const { drawn, worst, best } = chooseCases(scores, shown);
  const of = (places: readonly number[]) => places.map((place) => said[place]!);
  const range = (places: readonly number[]) => {
    const own = places.map((place) => scores[place]!);
    return `${Math.min(...own).toFixed(digits)} to ${Math.max(...own).toFixed(digits)}`;
  };
  const isAll = drawn.length === said.length;
  return [
    {
      label: isAll ? 'All' : 'Drawn',
      note: isAll ? `All ${said.length}.` : `${drawn.length} of ${said.length}, drawn.`,
      cases: of(drawn),
    },
    {
      label: 'Worst',
      note: `The ${worst.length} lowest of ${said.length} by ${metric}: ${range(worst)}.`,
      cases: of(worst),
    },
    {
      label: 'Best',
      note: `The ${best.length} highest of ${said.length} by ${metric}: ${range(best)}.`,
      cases: of(best),
    },
  ];
}

/** The media of some samples; one that cannot be read any more is told so in its place. */
async function mediaOf(
  ids: ReadonlySet<string>,
  { samples, model, reporter, signal }: EvaluationReportOptions,
): Promise<Map<string, { media: ReportMedia | null; fault?: string }>> {
  const { modality } = model.backbones.encoder.config;
  const media = new Map<string, { media: ReportMedia | null; fault?: string }>();
  const stage = reporter.stage('report', ids.size);
  for (const sample of samples) {
    if (!ids.has(sample.id)) continue;
    signal?.throwIfAborted();
    try {
      media.set(sample.id, { media: await mediaToShow(sample.media, modality, signal) });
    } catch (error) {
      if (signal?.aborted) throw error;
      media.set(sample.id, { media: null, fault: (error as Error).message });
    }
    stage.update(media.size);
  }
  stage.finish();
  return media;
}
