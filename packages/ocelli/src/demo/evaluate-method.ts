import type { Adapter } from '@ocelli/adapters';
import { type AnswerSample, evaluateAnswers, evaluateCaptions } from '@ocelli/evaluation';
import { zeros } from '@ocelli/ops';
import { type GenerationOptions, generateTexts } from '../pipelines/generate-texts.js';
import type { Backbones } from '../pipelines/open-backbones.js';
import type { Given, SplitData } from './demo-data.js';
import { namedObject } from './object-named.js';
import type { DemoSettings } from './settings.js';

/** Scores of one method on one split. */
export interface SplitScores {
  /** Fraction of captions that equal one of the references. */
  readonly exactMatch: number;
  /** 0 to 10. */
  readonly cider: number;
  readonly bleu4: number;
  readonly rougeL: number;
  /** Percent over all questions. */
  readonly vqaAccuracy: number;
  /** Fraction of captions that name the right thing. */
  readonly objectNamed: number;
  /** VQA accuracy in percent by type of question. */
  readonly perQuestionType: Readonly<Record<string, number>>;
}

/** What a method wrote about the samples of a split, and how good it is. */
export interface SplitEvaluation {
  readonly scores: SplitScores;
  /** One for each sample. */
  readonly captions: readonly string[];
  /** For the questioned samples, the answers to their questions. */
  readonly answers: readonly (readonly string[])[];
}

/** What is evaluated on what. */
export interface EvaluateMethodOptions {
  readonly adapter: Adapter;
  readonly given: Given;
  readonly settings: DemoSettings;
  readonly backbones: Backbones;
  readonly data: SplitData;
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/** A text to generate: which sample, and what is asked (nothing for a caption). */
interface Request {
  readonly item: number;
  readonly prompt: string;
}

/** Captions every sample of a split and answers its questions, greedily and in batches. */
export async function evaluateMethod(options: EvaluateMethodOptions): Promise<SplitEvaluation> {
  const { samples } = options.data;
  const questioned = samples.slice(0, options.settings.questionedSamples);
  const captionRequests = samples.map((_, item) => ({ item, prompt: '' }));
  // The same question of all samples follows one another, so that prompts of a batch are equally long.
  const questionRequests = [0, 1, 2, 3, 4].flatMap((number) =>
    questioned.map(({ text }, item) => ({ item, prompt: text.questions[number]!.question })),
  );
  const texts = await generateAll(options, [...captionRequests, ...questionRequests]);
  const captions = texts.slice(0, samples.length);
  const answers = questioned.map((_, item) =>
    [0, 1, 2, 3, 4].map((number) => texts[samples.length + number * questioned.length + item]!),
  );
  return { scores: score(options, captions, answers), captions, answers };
}

function score(
  { data, settings }: EvaluateMethodOptions,
  captions: readonly string[],
  answers: readonly (readonly string[])[],
): SplitScores {
  const { samples } = data;
  const captionScores = evaluateCaptions(
    samples.map(({ id, text }, index) => ({ id, references: text.captions, hypothesis: captions[index]! })),
  );
  const answerSamples: AnswerSample[] = answers.flatMap((given, item) =>
    samples[item]!.text.questions.map(({ type, answers: right }, number) => ({
      id: `${samples[item]!.id}/${type}`,
      answers: right,
      prediction: given[number]!,
      questionType: type,
    })),
  );
  const answerScores = evaluateAnswers(answerSamples, { normalizeUnanimous: true });
  const named = samples.filter(
    ({ label }, index) => namedObject(captions[index]!, settings.concepts) === label,
  );
  return {
    exactMatch: captionScores.exactMatch,
    cider: captionScores.cider,
    bleu4: captionScores.bleu4,
    rougeL: captionScores.rougeL,
    vqaAccuracy: answerScores.vqaAccuracy,
    objectNamed: named.length / samples.length,
    perQuestionType: Object.fromEntries(
      Object.entries(answerScores.perQuestionType).map(([type, { vqaAccuracy }]) => [type, vqaAccuracy]),
    ),
  };
}

async function generateAll(options: EvaluateMethodOptions, requests: readonly Request[]): Promise<string[]> {
  const { adapter, given, settings, backbones, data, onProgress, signal } = options;
  const table = await data.features(adapter.features, given);
  const generation: GenerationOptions = {
    maxNewTokens: settings.maxNewTokens,
    ...(signal ? { signal } : {}),
  };
  const texts: string[] = [];
  for (let begin = 0; begin < requests.length; begin += settings.generationBatch) {
    const batch = requests.slice(begin, begin + settings.generationBatch);
    const items = batch.map(({ item }) => item);
    using seen = table.tensor(items, adapter.features);
    using features = given === 'nothing' ? zeros(seen.shape) : seen.detach();
    const prompts = batch.map(({ prompt }) => prompt);
    texts.push(...(await generateTexts({ ...backbones, adapter }, features, prompts, generation)));
    onProgress?.(texts.length, requests.length);
  }
  return texts;
}
